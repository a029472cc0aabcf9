"""What search answers."""

from __future__ import annotations

from chat.payloads import Message
from realtime import Struct


class Highlight(Struct, frozen=True):
    """Where in `Found.text` a word stands that was looked for, in UTF-16 code units."""

    start: int
    length: int


class Found(Struct, frozen=True):
    """A message as the room shows it. `text` is what it says in one line, without marks, and with ▒▒▒ for a spoiler."""

    message: Message
    text: str
    highlights: list[Highlight]


class SearchPage(Struct, frozen=True):
    """`next` is the cursor of the page after it; null where there is none.

    `up_to_date` is false while more of one's rooms waits for the index than is looked at directly: then some of it is
    missing.
    """

    items: list[Found]
    next: str | None
    up_to_date: bool


class Operators(Struct, frozen=True):
    """What may be asked for: the values of `has:` and `is:`."""

    has: list[str]
    states: list[str]
