"""Puts rooms away and back, and keeps what each person likes most, in their order."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from accounts.models import User
from chat.conf import numbers
from chat.errors import RoomNotFound, TooManyFavourites
from chat.models import Member, user_stream
from chat.payloads import Opened
from chat.policies import room_for_governing, room_for_reading
from chat.rooms.events import Favourite, FavouritesChanged
from chat.rooms.payloads import Favourites
from chat.services import opened, publish_change
from realtime import once, publish


def room_archive(*, user: User, room: int, archived: bool, client_id: str) -> Opened:
    """Closes a room for writing, or opens it again; for owners. It stays readable, and out of the lists.

    Raises RoomNotFound, DirectRoomIsFixed, NotRoomOwner.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_archive",
        result=Opened,
        run=lambda: _archive(user, room, archived),
    )


def _archive(user: User, room_id: int, archived: bool) -> Opened:
    # Behind the room's lock: a message that was being stored is stored, and none comes after the event.
    room = room_for_governing(user.pk, room_id).room
    if archived is not (room.archived_at is not None):
        room.archived_at = timezone.now() if archived else None
        room.save(update_fields=["archived_at"])
        publish_change(room)
    return opened(room, user)


def room_favourite(*, user: User, room: int, favourite: bool, client_id: str) -> Favourites:
    """Makes a room one of the user's favourites, the last of them, or takes it out.

    Raises RoomNotFound, TooManyFavourites.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_favourite",
        result=Favourites,
        run=lambda: _favourite(user, room, favourite),
    )


def _favourite(user: User, room_id: int, favourite: bool) -> Favourites:
    room_for_reading(user.pk, room_id)
    rooms = [member.room_id for member in _locked(user)]
    if favourite and room_id not in rooms and len(rooms) >= numbers().max_favourites:
        raise TooManyFavourites(max=numbers().max_favourites)
    others = [one for one in rooms if one != room_id]
    if favourite is (room_id in rooms):
        return _placed(user, rooms)
    return _placed(user, [*others, room_id] if favourite else others)


def favourites_order(*, user: User, rooms: Sequence[int], client_id: str) -> Favourites:
    """Puts the user's favourites in this order. Those that are not named stay, behind the others.

    Raises RoomNotFound for a room that is no favourite.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.favourites_order",
        result=Favourites,
        run=lambda: _order(user, list(dict.fromkeys(rooms))),
    )


def _order(user: User, rooms: list[int]) -> Favourites:
    known = [member.room_id for member in _locked(user)]
    if not set(rooms) <= set(known):
        raise RoomNotFound("One of these rooms is not among your favourites.")
    return _placed(user, [*rooms, *(one for one in known if one not in rooms)])


def _locked(user: User) -> list[Member]:
    """The favourites, in their order. The user's row is locked: two devices change them one after the other."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    favourites = Member.objects.filter(user=user, favourite_position__gt=0)
    return list(favourites.order_by("favourite_position", "pk"))


def _placed(user: User, rooms: Sequence[int]) -> Favourites:
    """These are the favourites now; says so where anything changed."""
    positions = {room: position for position, room in enumerate(rooms, start=1)}
    concerned = Member.objects.filter(user=user)
    members = list(concerned.filter(room__in=rooms) | concerned.filter(favourite_position__gt=0))
    changed = []
    for member in members:
        position = positions.get(member.room_id, 0)
        if member.favourite_position != position:
            member.favourite_position = position
            changed.append(member)
    Member.objects.bulk_update(changed, ["favourite_position"])
    favourites = [Favourite(room, position) for room, position in positions.items()]
    if changed:
        publish(user_stream(user.pk), FavouritesChanged(favourites))
    return Favourites(favourites)
