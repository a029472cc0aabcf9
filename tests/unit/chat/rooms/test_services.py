"""Archived rooms, favourites and their order."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from accounts.models import User
from chat import amending, sending, services
from chat.errors import (
    BadName,
    BadRoom,
    DirectRoomIsFixed,
    NameTaken,
    NotRoomOwner,
    RoomArchived,
    RoomNotFound,
    TooManyFavourites,
)
from chat.models import Room
from chat.payloads import Room as RoomPayload
from chat.rooms.services import favourites_order, room_archive, room_favourite
from chat.selectors import messages_before, public_rooms_matching, rooms_of
from realtime.log.models import Event
from tests.support.people import client_id, make_direct, make_room, say

pytestmark = pytest.mark.django_db


def archive(user: User, room: int, archived: bool = True) -> RoomPayload:
    return room_archive(user=user, room=room, archived=archived, client_id=client_id()).room


def favour(user: User, room: int, favourite: bool = True) -> list[tuple[int, int]]:
    kept = room_favourite(user=user, room=room, favourite=favourite, client_id=client_id())
    return [(one.room, one.position) for one in kept.favourites]


def order(user: User, *rooms: int) -> list[int]:
    kept = favourites_order(user=user, rooms=rooms, client_id=client_id())
    return [one.room for one in kept.favourites]


def change(user: User, room: int, **more: Any) -> RoomPayload:
    given = {"name": None, "topic": None} | more
    return services.room_change(user=user, room=room, client_id=client_id(), **given).room


def test_an_archived_room_is_read_and_not_written(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    (message,) = say(bo, room, "before")
    assert archive(ada, room).archived
    with pytest.raises(RoomArchived) as caught:
        sending.message_send(author=bo, room=room, text="after", client_id=client_id())
    assert caught.value.as_dict() == {
        "type": "error",
        "code": "forbidden",
        "message": "The room is archived: it can be read, but nobody writes there.",
        "retry": False,
        "data": {"reason": "archived"},
    }
    with pytest.raises(RoomArchived):
        amending.message_edit(user=bo, message=message, text="other", client_id=client_id())
    with pytest.raises(RoomArchived):
        services.room_invite(user=ada, room=room, invited=bo.pk, client_id=client_id())
    assert [one.text for one in messages_before(bo.pk, room, before=None, limit=9).items] == ["before"]
    amending.message_delete(user=bo, message=message, client_id=client_id())
    assert not archive(ada, room, False).archived
    assert say(bo, room, "after") != []


def test_only_owners_archive_and_no_conversation_is_archived(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo)
    for user, error in ((bo, NotRoomOwner), (cy, RoomNotFound)):
        with pytest.raises(error):
            archive(user, room)
    with pytest.raises(DirectRoomIsFixed):
        archive(ada, make_direct(ada, bo))


def test_archiving_again_says_nothing_again(ada: User) -> None:
    room = make_room(ada)
    archive(ada, room)
    count = Event.objects.filter(stream=f"room:{room}").count()
    archive(ada, room)
    assert Event.objects.filter(stream=f"room:{room}").count() == count


def test_archived_rooms_are_not_among_those_to_join(ada: User, bo: User) -> None:
    room = make_room(ada, kind="public", name="Old")
    archive(ada, room)
    assert public_rooms_matching(bo, "old") == []


def test_favourites_keep_the_order_of_the_person(ada: User, bo: User) -> None:
    rooms = [make_room(ada, bo) for _ in range(3)]
    for at, room in enumerate(rooms, start=1):
        assert favour(ada, room)[-1] == (room, at)
    assert favour(ada, rooms[0]) == [(room, at) for at, room in enumerate(rooms, start=1)]
    assert order(ada, rooms[2], rooms[0]) == [rooms[2], rooms[0], rooms[1]]
    assert favour(ada, rooms[0], False) == [(rooms[2], 1), (rooms[1], 2)]
    seen = {room.id: (room.favourite, room.position) for room in rooms_of(ada.pk)}
    assert seen == {rooms[0]: (False, 0), rooms[1]: (True, 2), rooms[2]: (True, 1)}
    assert not any(room.favourite for room in rooms_of(bo.pk))


def test_an_order_names_favourites_alone(ada: User, bo: User) -> None:
    with pytest.raises(RoomNotFound):
        order(ada, make_room(ada))
    with pytest.raises(RoomNotFound):
        favour(ada, make_room(bo))


def test_nobody_has_favourites_without_end(ada: User, settings: Any) -> None:
    settings.CHAT = {"max_favourites": 1}
    favour(ada, make_room(ada))
    with pytest.raises(TooManyFavourites):
        favour(ada, make_room(ada))


def test_the_event_carries_all_favourites_and_comes_only_where_something_changed(ada: User) -> None:
    rooms = [make_room(ada), make_room(ada)]
    for room in (*rooms, rooms[0]):
        favour(ada, room)
    found = Event.objects.filter(stream=f"user:{ada.pk}", name="chat.favourites_changed").order_by("id")
    assert found.count() == 2
    assert msgspec.json.decode(found[1].data) == {
        "favourites": [{"room": rooms[0], "position": 1}, {"room": rooms[1], "position": 2}]
    }


def test_a_room_has_a_description_with_lines(ada: User) -> None:
    room = make_room(ada)
    assert change(ada, room, description=" What it is\r\nfor\u200b ").description == "What it is\nfor"
    assert change(ada, room, topic="t").description == "What it is\nfor"
    for bad in ("x" * 2001, "a" + "\u0301" * 20):
        with pytest.raises(BadName):
            change(ada, room, description=bad)


def test_owners_open_a_private_room_and_close_it_again(ada: User, bo: User) -> None:
    room = make_room(ada, name="Den")
    make_room(bo, kind="public", name="den")
    with pytest.raises(NameTaken):
        change(ada, room, kind="public")
    assert change(ada, room, kind="public", name="Open den").kind == "public"
    services.room_join(user=bo, room=room, client_id=client_id())
    with pytest.raises(NotRoomOwner):
        change(bo, room, kind="private")
    assert change(ada, room, kind="private").kind == "private"
    assert Room.objects.get(pk=room).name_key is None
    with pytest.raises(BadRoom):
        change(ada, room, kind="direct")


def test_whoever_has_been_there_longest_owns_a_room_whose_last_owner_left(
    ada: User, bo: User, cy: User
) -> None:
    room = make_room(ada, bo, cy)
    services.room_leave(user=ada, room=room, client_id=client_id())
    (seen,) = rooms_of(bo.pk)
    assert seen.role == "owner"
