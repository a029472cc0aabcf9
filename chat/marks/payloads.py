"""What the marks of a message look like to a client, and as a message keeps them. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from realtime import Struct

NAMED = 5  # people whom a mark names; a list of all is a request of its own


class Reaction(Struct, frozen=True):
    """An emoji on a message, or `:name:`. `users`: of those who reacted with it the first, up to 5.

    In what a reader asks for, the reader comes first, if they did. In events they come as they came.
    """

    emoji: str
    count: int
    users: list[int]


class AckInfo(Struct, frozen=True):
    """The message asks to be acknowledged: by how many it was, and of them the first, as in Reaction."""

    count: int
    users: list[int]


class PollOption(Struct, frozen=True):
    text: str
    votes: int
    users: list[int]  # of those who chose it the first, up to 5; nobody in an anonymous poll


class PollInfo(Struct, frozen=True):
    """The question is the message's text. `closed`: nobody votes any more."""

    options: list[PollOption]
    multiple: bool
    anonymous: bool
    voters: int
    ends_at: datetime | None
    closed: bool
    mine: list[int] = []  # the reader's options by their places, from 0; in events of rooms always empty


class Marks(Struct, frozen=True, omit_defaults=True):
    """All of a message, as its row keeps them: nobody's `mine`, nobody before others in `users`."""

    reactions: list[Reaction] = []
    pinned: bool = False
    ack: AckInfo | None = None
    poll: PollInfo | None = None


NO_MARKS = Marks()


def marks_loaded(text: str) -> Marks:
    return msgspec.json.decode(text, type=Marks) if text else NO_MARKS


def stored_form(marks: Marks) -> str:
    return msgspec.json.encode(marks).decode() if marks != NO_MARKS else ""


def remarked(text: str, **changes: Any) -> str:
    """Stored marks with some of them changed."""
    return stored_form(msgspec.structs.replace(marks_loaded(text), **changes))
