"""Archiving, favourites and the open rooms over HTTP."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from accounts.openapi import answers
from accounts.requests import user_of
from chat.payloads import Opened
from chat.rooms import selectors, services
from chat.rooms.payloads import BrowsePage, Favourites
from realtime.http import session_or_token

router = Router(tags=["chat"], auth=session_or_token)


class Archived(Schema):
    archived: bool
    client_id: str


class IsFavourite(Schema):
    favourite: bool
    client_id: str


class Order(Schema):
    rooms: list[int]
    client_id: str


@router.get("/rooms/public/browse", openapi_extra=answers(BrowsePage))
def browse(
    request: HttpRequest,
    q: str = "",
    sort: str = "name",
    joined: str = "any",
    archived: bool = False,
    cursor: str | None = None,
    limit: int = 30,
) -> BrowsePage:
    """Rooms that anybody may join, sorted by `name`, `members` or `newest`; `joined` is `any`, `yes` or `no`."""
    return selectors.browse_rooms(
        user_of(request).pk, q, sort=sort, joined=joined, archived=archived, cursor=cursor, limit=limit
    )


@router.post("/rooms/{room_id}/archive", openapi_extra=answers(Opened))
def room_archive(request: HttpRequest, room_id: int, body: Archived) -> Opened:
    """Closes a room for writing, or opens it again; for owners."""
    return services.room_archive(
        user=user_of(request), room=room_id, archived=body.archived, client_id=body.client_id
    )


@router.post("/rooms/{room_id}/favourite", openapi_extra=answers(Favourites))
def room_favourite(request: HttpRequest, room_id: int, body: IsFavourite) -> Favourites:
    return services.room_favourite(
        user=user_of(request), room=room_id, favourite=body.favourite, client_id=body.client_id
    )


@router.post("/favourites", openapi_extra=answers(Favourites))
def favourites_order(request: HttpRequest, body: Order) -> Favourites:
    """Puts your favourite rooms in this order."""
    return services.favourites_order(user=user_of(request), rooms=body.rooms, client_id=body.client_id)
