"""What rooms and messages look like to a client: in events, command results and HTTP answers alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from accounts.payloads import Person
from chat.models import Member
from chat.models import Message as MessageRow
from realtime import Cursor, Struct


class Message(Struct, frozen=True):
    id: int
    room: int
    number: int  # 1, 2, 3 … in its room
    seq: int  # of its event on the room's stream
    author: Person
    text: str  # up to 4000 characters, NFC; empty once deleted
    created_at: datetime
    edited_at: datetime | None
    deleted: bool
    client_id: str

    @classmethod
    def of(cls, row: MessageRow) -> Message:
        return cls(
            id=row.pk,
            room=row.room_id,
            number=row.number,
            seq=row.seq,
            author=Person.of(row.author),
            text=row.text,
            created_at=row.created_at,
            edited_at=row.edited_at,
            deleted=row.deleted_at is not None,
            client_id=row.client_id,
        )


class Room(Struct, frozen=True):
    """A room as one of its members sees it. Unread: `last_number - read_number`."""

    id: int
    kind: Literal["public", "private", "direct"]
    name: str
    topic: str
    role: Literal["owner", "member"]
    last_number: int
    read_number: int
    member_count: int
    members: list[Person]  # of direct rooms only
    last_message: Message | None

    @classmethod
    def of(cls, member: Member, *, people: Sequence[Person], last_message: Message | None) -> Room:
        room = member.room
        return cls(
            id=room.pk,
            kind=room.kind,  # type: ignore[arg-type]
            name=room.name,
            topic=room.topic,
            role=member.role,  # type: ignore[arg-type]
            last_number=room.last_number,
            read_number=member.read_number,
            member_count=room.member_count,
            members=list(people),
            last_message=last_message,
        )


class PublicRoom(Struct, frozen=True):
    """A room that anybody may join."""

    id: int
    name: str
    topic: str
    member_count: int
    joined: bool


class RoomMember(Struct, frozen=True):
    id: int
    username: str
    display_name: str
    role: Literal["owner", "member"]


class Page(Struct, frozen=True):
    """A page of history, oldest first. `has_more`: there are older ones."""

    items: list[Message]
    has_more: bool


class Sent(Struct, frozen=True):
    """A message that is stored. `duplicate`: it was, already, under the same client_id."""

    message: int
    number: int
    seq: int
    duplicate: bool


class Changed(Struct, frozen=True):
    """A message after an edit or deletion."""

    message: Message


class Opened(Struct, frozen=True):
    """A room that the caller is in now, and the cursor from which to follow its stream."""

    room: Room
    cursor: Cursor


class Membership(Struct, frozen=True):
    """Who joined or left, and how many are in the room now."""

    room: int
    user: int
    member_count: int


class ReadMark(Struct, frozen=True):
    room: int
    number: int
