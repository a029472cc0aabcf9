"""Archiving and favourites over the socket."""

from __future__ import annotations

from chat.payloads import Opened
from chat.rooms import services
from chat.rooms.payloads import Favourites
from realtime import Context, Struct, command


class ArchiveRoom(Struct, frozen=True):
    room: int
    archived: bool
    client_id: str


class FavouriteRoom(Struct, frozen=True):
    room: int
    favourite: bool
    client_id: str


class OrderFavourites(Struct, frozen=True):
    rooms: list[int]
    client_id: str


@command("chat.room_archive")
def room_archive(context: Context, args: ArchiveRoom) -> Opened:
    return services.room_archive(
        user=context.user, room=args.room, archived=args.archived, client_id=args.client_id
    )


@command("chat.room_favourite")
def room_favourite(context: Context, args: FavouriteRoom) -> Favourites:
    return services.room_favourite(
        user=context.user, room=args.room, favourite=args.favourite, client_id=args.client_id
    )


@command("chat.favourites_order")
def favourites_order(context: Context, args: OrderFavourites) -> Favourites:
    return services.favourites_order(user=context.user, rooms=args.rooms, client_id=args.client_id)
