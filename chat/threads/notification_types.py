"""What followers of a thread are notified of: its replies. Who is told, and when, is in `telling`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db.models import F
from django.utils.translation import gettext_lazy

from chat.models import ThreadReader
from chat.notification_types import KEYWORD, MENTION, members_now, thread_group
from notifications.types import Grouping, category, notification_type
from realtime import Struct

REPLY = "chat.thread_reply"
THREADS = category("threads", label=gettext_lazy("Threads"))


def told_in_threads(root: int) -> tuple[tuple[str, ...], str]:
    """The types of what people are told of a thread, and the group in which it is."""
    return (MENTION, KEYWORD, REPLY), thread_group(root)


def still_unread(data: ThreadReply, user_ids: Sequence[int]) -> Collection[int]:
    """Who is in the room still, follows still, and has not read up to the reply. One query."""
    waiting = ThreadReader.objects.filter(
        thread_id=data.thread,
        thread__room__members__user_id=F("user_id"),
        user_id__in=user_ids,
        following=True,
        read_number__lt=data.number,
    )
    return set(waiting.values_list("user_id", flat=True))


@notification_type(
    REPLY,
    # xgettext:no-python-format
    title=gettext_lazy("{{ actor }} replied in a thread{% if room_name %} in {{ room_name }}{% endif %}"),
    grouped_title=gettext_lazy(
        "{{ actor }} and {{ others }} other{{ others|pluralize }} replied in a thread"
        "{% if room_name %} in {{ room_name }}{% endif %}"
    ),
    text="{{ text }}",
    link="/#/room/{{ room }}/thread/{{ thread }}/{{ number }}",
    category=THREADS,
    channels=("in_app", "web_push", "email"),
    # Who is at a screen sees it there first.
    escalate={"web_push": timedelta(seconds=20), "email": timedelta(minutes=10)},
    grouping=Grouping.COUNT,
    still_for=still_unread,
    open_to=members_now,
)
class ThreadReply(Struct, frozen=True):
    room: int
    room_name: str  # "" of direct conversations
    thread: int  # the id of its root
    number: int  # of the reply in its room
    text: str  # the beginning of it
