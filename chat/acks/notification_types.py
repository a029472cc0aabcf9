"""How people are reminded of what they have not acknowledged."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils.translation import gettext_lazy

from chat.models import Ack, Member
from notifications.types import Grouping, notification_type
from realtime import Struct

ACK = "chat.ack"


def still_missing(data: AckAsked, user_ids: Sequence[int]) -> Collection[int]:
    """Who is in the room still, and has not acknowledged the message. One query."""
    given = Ack.objects.filter(message_id=data.message).values("user_id")
    missing = Member.objects.filter(room_id=data.room, user_id__in=user_ids).exclude(user_id__in=given)
    return set(missing.values_list("user_id", flat=True))


@notification_type(
    ACK,
    # xgettext:no-python-format
    title=gettext_lazy(
        "{{ actor }} asks you to acknowledge a message{% if room_name %} in {{ room_name }}{% endif %}"
    ),
    link="/#/room/{{ room }}/{{ number }}",
    category="acknowledgements",
    mention=True,
    channels=("in_app", "web_push", "email"),
    grouping=Grouping.LATEST,
    still_for=still_missing,
)
class AckAsked(Struct, frozen=True):
    """Nothing of what the message says: it may be edited."""

    room: int
    room_name: str  # "" in a direct conversation
    number: int
    message: int
