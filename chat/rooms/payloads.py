"""What open rooms look like to somebody who looks around, and what changes of favourites answer."""

from __future__ import annotations

from datetime import datetime

from chat.rooms.events import Favourite
from realtime import Struct


class BrowsedRoom(Struct, frozen=True):
    """A room that anybody may join."""

    id: int
    name: str
    topic: str
    description: str
    member_count: int
    created_at: datetime
    archived: bool
    joined: bool


class BrowsePage(Struct, frozen=True):
    """`next` is the cursor of the page after it; null where there is none."""

    items: list[BrowsedRoom]
    next: str | None


class Favourites(Struct, frozen=True):
    """All of them, in their order."""

    favourites: list[Favourite]
