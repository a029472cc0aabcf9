"""The events of chat. On `room:<id>` for everybody in it, on `user:<id>` for one user's devices.

Each carries what it changes as absolute values, so that applying one twice, or onto a snapshot that contains it
already, changes nothing more.
"""

from __future__ import annotations

from datetime import datetime

from accounts.payloads import Person
from chat.payloads import Message, Room
from realtime import Cursor, Struct, event

# On room:<id> ------------------------------------------------------------------------------------------


@event("chat.message_created")
class MessageCreated(Struct, frozen=True):
    """A new message. Its author has read the room up to it."""

    message: Message


@event("chat.message_edited")
class MessageEdited(Struct, frozen=True):
    id: int
    number: int
    text: str
    edited_at: datetime


@event("chat.message_deleted")
class MessageDeleted(Struct, frozen=True):
    """The message stays in its place, without text."""

    id: int
    number: int


@event("chat.member_joined")
class MemberJoined(Struct, frozen=True):
    user: Person
    member_count: int


@event("chat.member_left")
class MemberLeft(Struct, frozen=True):
    user_id: int
    member_count: int
    kicked: bool


@event("chat.room_changed")
class RoomChanged(Struct, frozen=True):
    """The room's name, topic or owners are these now."""

    id: int
    name: str
    topic: str
    owners: list[int]


@event("chat.typing")
class Typing(Struct, frozen=True):
    """Transient: somebody is writing just now."""

    room: int
    user: int


# On user:<id> ------------------------------------------------------------------------------------------


@event("chat.room_added")
class RoomAdded(Struct, frozen=True):
    """The user is in this room now. Follow its stream from `cursor`, which was taken before the room was read."""

    room: Room
    cursor: Cursor


@event("chat.room_removed")
class RoomRemoved(Struct, frozen=True):
    room: int


@event("chat.room_read")
class RoomRead(Struct, frozen=True):
    """The user has seen the room up to here, on one of their devices."""

    room: int
    number: int
