"""What hangs on a message: the thread it begins, what it quotes, where it was taken from."""

from __future__ import annotations

from datetime import datetime

from accounts.payloads import Person
from realtime import Struct

QUOTED_CHARS = 300


class Quote(Struct, frozen=True):
    """Another message of the same room, as it is now. Not a copy: edits and deletions of it show here."""

    id: int
    number: int
    author: Person
    text: str  # its first 300 characters (code points), in one line and without marks; empty once deleted
    deleted: bool


class ThreadInfo(Struct, frozen=True):
    """The thread that a message begins. Of two accounts of it, the one with the higher `version` is the newer."""

    replies: int  # deleted ones do not count
    last_at: datetime | None  # of the last reply that is not deleted
    participants: list[Person]  # the last three to reply, the latest first
    version: int


class Forwarded(Struct, frozen=True):
    """Whose words these are, and where they stand: `number` in `room`, which the reader may not be in."""

    author: Person
    room: int
    number: int


class Origin(Struct, frozen=True):
    """As a message keeps it: the author goes by the name that they have when it is read."""

    author: int
    room: int
    number: int


class FollowedThread(Struct, frozen=True):
    """A thread that the user follows. What is unread are the replies of others after `read_number`."""

    root: int  # the id of the message that begins it
    room: int
    number: int  # of the root, in its room
    read_number: int
    unread: list[int]  # the numbers of unread replies, rising; the newest 100
    mentioned: list[int]  # of these, and not shown in the room too, those that mention the user


class ThreadMark(Struct, frozen=True):
    """How far the user has read a thread."""

    root: int
    room: int
    number: int


class Following(Struct, frozen=True):
    root: int
    following: bool
