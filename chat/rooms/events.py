"""On user:<id>."""

from __future__ import annotations

from realtime import Struct, event


class Favourite(Struct, frozen=True):
    """`position` rises from the first favourite to the last."""

    room: int
    position: int


@event("chat.favourites_changed")
class FavouritesChanged(Struct, frozen=True):
    """All the favourites of the user, in their order; no other room is one."""

    favourites: list[Favourite]
