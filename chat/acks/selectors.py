"""Who has acknowledged a message, and who has not."""

from __future__ import annotations

from accounts.payloads import Person
from chat.acks.errors import NothingToAcknowledge
from chat.acks.payloads import AckGiven, AckList
from chat.acks.reminding import missing_members
from chat.conf import numbers
from chat.models import Ack, AckRequest, Message
from chat.policies import message_for_reading

MAX_GIVEN = 200


def acks_of(user_id: int, message_id: int) -> AckList:
    """Six queries. Raises MessageNotFound, NothingToAcknowledge."""
    message = message_for_reading(user_id, message_id)
    request = AckRequest.objects.filter(message=message).first() if message.deleted_at is None else None
    if request is None:
        raise NothingToAcknowledge()
    given = Ack.objects.filter(message=message)
    first = given.select_related("user").order_by("pk")[:MAX_GIVEN]
    return AckList(
        count=given.count(),
        given=[AckGiven(Person.of(one.user), one.created_at) for one in first],
        missing=_missing(message) if message.author_id == user_id else None,
        reminders=request.reminders,
        remind_at=request.remind_at,
    )


def _missing(message: Message) -> list[Person] | None:
    if message.room.member_count > numbers().ack_room_members:
        return None
    members = missing_members(message).select_related("user").order_by("user__username_key")
    return [Person.of(member.user) for member in members]
