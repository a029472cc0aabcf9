"""The only ways to get a room or a message on a user's behalf. "Not there" and "not yours" look the same."""

from __future__ import annotations

from typing import Protocol

from django.db.models import QuerySet

from chat.conf import numbers
from chat.errors import DirectRoomIsFixed, MessageNotFound, NotRoomOwner, RoomNotFound
from chat.models import Member, Message, Room

MAX_ID = 2**63 - 1


def room_for_reading(user_id: int, room_id: int) -> Member:
    """The user's membership of the room, with the room. Raises RoomNotFound."""
    if not 0 < room_id <= MAX_ID:
        raise RoomNotFound()
    member = Member.objects.select_related("room").filter(user_id=user_id, room_id=room_id).first()
    if member is None:
        raise RoomNotFound()
    return member


def room_for_writing(user_id: int, room_id: int) -> Member:
    """As `room_for_reading`, with the room locked until the transaction ends. Every member may write."""
    room_locked(room_id)
    return room_for_reading(user_id, room_id)


def room_for_governing(user_id: int, room_id: int) -> Member:
    """A room that the user owns, locked. Raises RoomNotFound, DirectRoomIsFixed, NotRoomOwner."""
    member = room_for_writing(user_id, room_id)
    if member.room.kind == Room.Kind.DIRECT:
        raise DirectRoomIsFixed()
    if member.role != Member.Role.OWNER:
        raise NotRoomOwner()
    return member


def room_locked(room_id: int) -> Room:
    """The bare row, locked until the transaction ends; says nothing about who asks. Raises RoomNotFound."""
    room = Room.objects.select_for_update().filter(pk=room_id).first() if 0 < room_id <= MAX_ID else None
    if room is None:
        raise RoomNotFound()
    return room


def message_for_reading(user_id: int, message_id: int) -> Message:
    """A message of one of the user's rooms. Raises MessageNotFound."""
    return _message(Message.objects.all(), user_id, message_id)[0]


def message_for_writing(user_id: int, message_id: int) -> tuple[Message, Member]:
    """A message of one of the user's rooms, locked, and the user's membership. Raises MessageNotFound."""
    return _message(Message.objects.select_for_update(of=("self",)), user_id, message_id)


class _Addressed(Protocol):
    """What decides that: a Room, or what a batch has read of one."""

    @property
    def kind(self) -> str: ...
    @property
    def mention_all(self) -> str: ...
    @property
    def member_count(self) -> int: ...


def may_mention_all(room: _Addressed, role: str) -> bool | None:
    """Whether a member with this role may use @room and @here there; None where these words mean nothing."""
    if room.kind == Room.Kind.DIRECT:
        return None
    if role == Member.Role.OWNER or room.mention_all == Room.MentionAll.MEMBERS:
        return True
    small = room.member_count <= numbers().large_room_members
    return room.mention_all == Room.MentionAll.SMALL_ROOMS and small


def _message(messages: QuerySet[Message], user_id: int, message_id: int) -> tuple[Message, Member]:
    found = messages.select_related("author", "room", "thread")
    message = found.filter(pk=message_id).first() if 0 < message_id <= MAX_ID else None
    if message is None:
        raise MessageNotFound()
    try:
        return message, room_for_reading(user_id, message.room_id)
    except RoomNotFound:
        raise MessageNotFound() from None
