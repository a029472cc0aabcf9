"""What rooms and messages look like to a client: in events, command results and HTTP answers alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from accounts.payloads import Person
from chat.files.payloads import File, files_loaded
from chat.marks.payloads import NO_MARKS, AckInfo, PollInfo, Reaction, marks_loaded
from chat.models import Member, Revision
from chat.models import Message as MessageRow
from chat.moderation.times import shown_until
from chat.previews.payloads import LinkPreview, previews_loaded
from chat.richtext.rendering import html_of_row
from chat.threads.payloads import Forwarded, Quote, ThreadInfo
from realtime import Cursor, Struct

MentionAll = Literal["small_rooms", "members", "owners"]


class Mention(Struct, frozen=True):
    """A name in a text: `@ada`, `@room` (everybody in it), `@here` (of these, who is online), or a group of people.

    `start` and `length` are its place, the "@" included, in UTF-16 code units, as JavaScript, Java and Swift count.
    `refused` says why it reached nobody: the person is not in the room, or the author may not address everybody.
    """

    start: int
    length: int
    kind: Literal["user", "room", "here", "group"]
    user: int | None  # of kind "user"
    refused: Literal["", "not_a_member", "not_allowed"]
    group: int | None = None  # of kind "group"


class Message(Struct, frozen=True):
    id: int
    room: int
    number: int  # 1, 2, 3 … in its room
    seq: int  # of its event on the room's stream
    author: Person
    text: str  # up to 4000 characters, NFC; empty once deleted
    mentions: list[Mention]
    created_at: datetime
    edited_at: datetime | None
    deleted: bool
    client_id: str
    html: str = ""  # the text with its marks, safe to show; "" where it has none: show the text
    files: list[File] = []
    previews: list[LinkPreview] = []
    reactions: list[Reaction] = []  # in the order in which the emojis came
    pinned: bool = False
    ack: AckInfo | None = None  # not null: it asks to be acknowledged
    poll: PollInfo | None = None
    quote: Quote | None = None
    thread: ThreadInfo | None = None  # that it begins
    root: int | None = None  # the id of the message that begins the thread in which this one is a reply
    also_in_room: bool = False  # of a reply: the room's timeline shows it too
    hidden: int = 0  # how many messages of the room, up to this one, its timeline does not show
    forwarded: Forwarded | None = None

    @classmethod
    def of(cls, row: MessageRow) -> Message:
        """What the row itself says, as everybody sees it. A deleted one has no marks.

        `chat.threads.showing` adds the quote, the thread and whence it was forwarded; `marks.reading.seen_by` what is
        a reader's own.
        """
        mentions = mentions_loaded(row.mentions)
        marks = marks_loaded(row.marks) if row.deleted_at is None else NO_MARKS
        return cls(
            id=row.pk,
            room=row.room_id,
            number=row.number,
            seq=row.seq,
            author=Person.of(row.author),
            text=row.text,
            mentions=mentions,
            created_at=row.created_at,
            edited_at=row.edited_at,
            deleted=row.deleted_at is not None,
            client_id=row.client_id,
            html=html_of_row(row, mentions),
            files=files_loaded(row.files) if row.deleted_at is None else [],
            previews=previews_loaded(row.previews) if row.deleted_at is None else [],
            reactions=marks.reactions,
            pinned=marks.pinned,
            ack=marks.ack,
            poll=marks.poll,
            root=row.root_id,
            also_in_room=row.also_in_room,
            hidden=row.hidden,
        )

    @property
    def only_in_thread(self) -> int | None:
        """The root of the thread that alone shows it; None for what the room's timeline shows."""
        return None if self.also_in_room else self.root


class Room(Struct, frozen=True):
    """A room as one of its members sees it. Unread: `last_number - hidden - (read_number - read_hidden)`."""

    id: int
    kind: Literal["public", "private", "direct"]
    name: str
    topic: str
    role: Literal["owner", "moderator", "member", "guest"]
    last_number: int
    read_number: int  # at least up to where messages were deleted for their age
    mentioned: list[int]  # the numbers of unread messages that mention the reader, rising; the newest 100
    member_count: int
    mention_all: MentionAll  # who may use @room and @here; small_rooms: everybody, in a large room its owners
    members: list[Person]  # of direct rooms only, oneself included
    last_message: Message | None  # the last that the timeline shows
    description: str = ""  # up to 2000 characters, with lines
    archived: bool = False  # it can be read, and nobody writes there
    favourite: bool = False  # of the reader
    position: int = 0  # among the reader's favourites, rising; 0 where it is not one
    link_previews: bool = True
    posting: Literal["everybody", "moderators", "owners"] = "everybody"  # who may write
    slow_mode_s: int = 0  # between two messages of a member or guest; 0: none
    retention_days: int | None = None  # null: as the installation has it; 0: for ever
    # Of the reader: whether they are muted, and until when (null: for good); and, in a direct conversation of two,
    # whether they cannot write because one blocked the other.
    muted: bool = False
    muted_until: datetime | None = None
    mute_reason: str = ""
    barred: bool = False
    # How often the reader has set the read mark back, and `last_number` when they did so last: own messages up to
    # that one do not raise it. See `chat.unread`.
    unread_version: int = 0
    unread_as_of: int = 0
    hidden: int = 0  # how many messages up to last_number the timeline does not show, because only threads do
    read_hidden: int = 0  # how many up to read_number

    @classmethod
    def of(
        cls,
        member: Member,
        *,
        read_hidden: int,
        mentioned: Sequence[int],
        people: Sequence[Person],
        last_message: Message | None,
    ) -> Room:
        room = member.room
        return cls(
            id=room.pk,
            kind=room.kind,  # type: ignore[arg-type]
            name=room.name,
            topic=room.topic,
            role=member.role,  # type: ignore[arg-type]
            last_number=room.last_number,
            read_number=max(member.read_number, room.trimmed_number),
            mentioned=list(mentioned),
            member_count=room.member_count,
            mention_all=room.mention_all,  # type: ignore[arg-type]
            members=list(people),
            last_message=last_message,
            description=room.description,
            archived=room.archived_at is not None,
            favourite=member.favourite_position > 0,
            position=member.favourite_position,
            link_previews=room.link_previews,
            posting=room.posting,  # type: ignore[arg-type]
            slow_mode_s=room.slow_mode_s,
            retention_days=room.retention_days,
            muted=member.muted_until is not None,
            muted_until=shown_until(member.muted_until),
            mute_reason=member.mute_reason,
            barred=member.barred,
            unread_version=member.unread_version,
            unread_as_of=member.unread_as_of,
            hidden=room.hidden_count,
            read_hidden=read_hidden,
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
    role: Literal["owner", "moderator", "member", "guest"]
    # For moderators; to everybody else nobody seems muted.
    muted: bool = False
    muted_until: datetime | None = None


def mentions_loaded(text: str) -> list[Mention]:
    """The mentions of a stored message, from their JSON."""
    return msgspec.json.decode(text, type=list[Mention]) if text != "[]" else []


class Page(Struct, frozen=True):
    """A page of history, oldest first: what the timeline shows. `has_more`: there are older ones.

    `has_newer`, where the page was asked for with `after` or `around`: there are newer ones. `reply`: the message that
    was asked for, where only its thread shows it; the page is then around the thread's root.
    """

    items: list[Message]
    has_more: bool
    has_newer: bool = False
    reply: Message | None = None


class NotReached(Struct, frozen=True):
    """A name in a message, without its "@", that reached nobody: who or what, and why."""

    name: str
    user: int | None
    why: Literal["not_a_member", "not_allowed"]


class Sent(Struct, frozen=True):
    """A message that is stored. `duplicate`: it was, already, under the same client_id."""

    message: int
    number: int
    seq: int
    duplicate: bool
    not_reached: list[NotReached]


class Version(Struct, frozen=True):
    """What a message said, from this moment until its next edit."""

    text: str
    mentions: list[Mention]
    written_at: datetime
    html: str = ""  # as in the message

    @classmethod
    def of(cls, row: Revision) -> Version:
        mentions = mentions_loaded(row.mentions)
        return cls(row.text, mentions, row.written_at, html_of_row(row, mentions))


class Changed(Struct, frozen=True):
    """A message after an edit or deletion, or after a deletion was undone."""

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
    """Up to where the user has read the room, and how often they have set that back."""

    room: int
    number: int
    unread_version: int = 0
