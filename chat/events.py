"""The events of chat. On `room:<id>` for everybody in it, on `user:<id>` for one user's devices.

Each carries what it changes as absolute values, so that applying one twice, or onto a snapshot that contains it
already, changes nothing more.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from accounts.payloads import Person
from chat.payloads import Mention, MentionAll, Message, Room
from realtime import Cursor, Struct, event

# On room:<id> ------------------------------------------------------------------------------------------


@event("chat.message_created")
class MessageCreated(Struct, frozen=True):
    """A new message. Its author has read the room up to it, or where only a thread shows it, that thread."""

    message: Message


@event("chat.message_edited")
class MessageEdited(Struct, frozen=True):
    id: int
    number: int
    text: str
    mentions: list[Mention]
    edited_at: datetime
    html: str = ""
    author: int = 0
    only_in_thread: int | None = None  # the root of the thread that alone shows it


@event("chat.message_deleted")
class MessageDeleted(Struct, frozen=True):
    """The message stays in its place, without text."""

    id: int
    number: int


@event("chat.message_restored")
class MessageRestored(Struct, frozen=True):
    """The deletion was undone: the message is as it was."""

    message: Message


@event("chat.member_joined")
class MemberJoined(Struct, frozen=True):
    user: Person
    member_count: int
    role: Literal["owner", "moderator", "member", "guest"] = "member"


@event("chat.member_left")
class MemberLeft(Struct, frozen=True):
    user_id: int
    member_count: int
    kicked: bool


@event("chat.room_changed")
class RoomChanged(Struct, frozen=True):
    """The room's name, topic, owners, who may mention everybody, and all else, are these now."""

    id: int
    name: str
    topic: str
    owners: list[int]
    mention_all: MentionAll
    kind: Literal["public", "private"] = "private"
    description: str = ""
    archived: bool = False


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
    """The user is no longer in this room. `until` is the end of a ban; null: for good, or there is none."""

    room: int
    why: Literal["left", "kicked", "banned"] = "left"
    reason: str = ""
    until: datetime | None = None


@event("chat.room_read")
class RoomRead(Struct, frozen=True):
    """The user has seen the room up to here, on one of their devices."""

    room: int
    number: int
    hidden: int = 0  # how many messages up to there the timeline does not show


@event("chat.mentioned")
class Mentioned(Struct, frozen=True):
    """The message with this number says @here and the user was online, or a group that the user is in.

    Other mentions come with the message.
    """

    room: int
    number: int
    only_in_thread: int | None = None  # the root of the thread that alone shows it
