"""One line of an inbox as clients see it, its id, and the order of the lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from notifications.errors import BadItem, BadPageCursor
from realtime import Struct

OWN = "n"
AUDIENCE = "b"

_ITEM_ID = re.compile(r"([nb])([1-9][0-9]{0,17})\Z")
_POSITION = re.compile(r"([0-9]{1,17})_([nb][1-9][0-9]{0,17})\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Translation(Struct, frozen=True):
    """The words of an item in another language."""

    title: str
    text: str
    html: str


class InboxItem(Struct, frozen=True):
    """`id` is "n12" for a row of one's own, "b7" for one shared by an audience. `count`: how many notices it is.

    `text` is plain; `html` says the same with its marks, safe to show as it is, and is "" where there are none.
    `image` is a path of this site, or "". `translations` are by language code: who reads none of them gets `title`,
    `text` and `html`. A shared one is not for who has turned its `category` off in the app, unless it is `critical`:
    over HTTP it is left out, and from the stream of an audience the client leaves it out.
    """

    id: str
    title: str
    text: str
    level: str
    link: str
    created_at: datetime
    read: bool
    seen: bool
    count: int
    html: str = ""
    image: str = ""
    translations: dict[str, Translation] = {}
    category: str = ""
    critical: bool = False


class Unread(Struct, frozen=True):
    """How many unread lines an inbox has: of one's own, and of those shared by an audience."""

    own: int
    shared: int


class Position(NamedTuple):
    """Where an item stands: newest first; of the same moment, by kind and number."""

    created_at: datetime
    kind: str
    number: int

    def text(self) -> str:
        """The position as the opaque `before` of the HTTP API."""
        return f"{(self.created_at - _EPOCH) // timedelta(microseconds=1)}_{self.kind}{self.number}"


class InboxPage(Struct, frozen=True):
    """`next` is the `before` of the page after this one, null at the end."""

    items: list[InboxItem]
    has_more: bool
    unread: Unread
    next: str | None = None


def own_id(number: int) -> str:
    return f"{OWN}{number}"


def audience_id(number: int) -> str:
    return f"{AUDIENCE}{number}"


def split_ids(items: Iterable[str]) -> tuple[set[int], set[int]]:
    """The numbers of own rows and of audience rows. Raises BadItem."""
    numbers: dict[str, set[int]] = {OWN: set(), AUDIENCE: set()}
    for item in items:
        found = _ITEM_ID.match(item)
        if found is None:
            raise BadItem(f"{item[:30]!r} is not an inbox item id; expected for example 'n12' or 'b7'.")
        numbers[found[1]].add(int(found[2]))
    return numbers[OWN], numbers[AUDIENCE]


def position_from(text: str) -> Position:
    """The position of a `before` text. Raises BadPageCursor."""
    found = _POSITION.match(text)
    if found is None:
        raise BadPageCursor
    moment = _EPOCH + timedelta(microseconds=int(found[1]))
    return Position(moment, found[2][0], int(found[2][1:]))
