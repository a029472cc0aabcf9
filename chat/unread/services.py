"""Setting the read mark back."""

from __future__ import annotations

from accounts.models import User
from chat.errors import BadNumber
from chat.models import Member, user_stream
from chat.payloads import ReadMark
from chat.policies import MAX_ID, room_for_writing
from chat.selectors import hidden_up_to, unread_mentions
from chat.unread.events import RoomUnread
from realtime import once, publish


def room_unread(*, user: User, room: int, number: int, client_id: str) -> ReadMark:
    """Makes the message with this number, and all after it, unread for the user, on all their devices.

    Nothing changes where it is unread already. Raises RoomNotFound, BadNumber.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_unread",
        result=ReadMark,
        run=lambda: _unread(user, room, number),
    )


def _unread(user: User, room_id: int, number: int) -> ReadMark:
    if not 0 < number <= MAX_ID:
        raise BadNumber("A message's number is from 1 to 2^63-1.")
    # With the room locked nobody sends: its last number is that of this moment.
    member = room_for_writing(user.pk, room_id)
    member = Member.objects.select_for_update(of=("self",)).select_related("room").get(pk=member.pk)
    if number <= member.read_number:
        member.read_number = number - 1
        member.unread_version += 1
        member.unread_as_of = member.room.last_number
        member.save(update_fields=["read_number", "unread_version", "unread_as_of"])
        event = RoomUnread(
            room_id,
            member.read_number,
            unread_mentions(user.pk, room_id),
            member.unread_version,
            member.unread_as_of,
            hidden_up_to(member.room, member.read_number),
        )
        publish(user_stream(user.pk), event)
    return ReadMark(room_id, member.read_number, member.unread_version)
