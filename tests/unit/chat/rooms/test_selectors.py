"""Looking around among the open rooms."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from chat.errors import BadLimit
from chat.rooms.errors import BadBrowse
from chat.rooms.selectors import browse_rooms
from chat.rooms.services import room_archive
from tests.support.people import client_id, make_room

pytestmark = pytest.mark.django_db


def names(user: User, text: str = "", **more: Any) -> list[str]:
    return [room.name for room in browse_rooms(user.pk, text, **more).items]


@pytest.fixture
def rooms(ada: User, bo: User, cy: User) -> dict[str, int]:
    made = {
        "Büro": make_room(ada, kind="public", name="Büro"),
        "Apple": make_room(ada, bo, cy, kind="public", name="Apple"),
        "Cake": make_room(ada, bo, kind="public", name="Cake"),
        "Old": make_room(ada, kind="public", name="Old"),
    }
    make_room(ada, bo, name="Secret")
    room_archive(user=ada, room=made["Old"], archived=True, client_id=client_id())
    return made


def test_they_are_sorted_and_filtered(bo: User, rooms: dict[str, int]) -> None:
    assert names(bo) == ["Apple", "Büro", "Cake"]
    assert names(bo, sort="members") == ["Apple", "Cake", "Büro"]
    assert names(bo, sort="newest") == ["Cake", "Apple", "Büro"]
    assert names(bo, joined="yes") == ["Apple", "Cake"]
    assert names(bo, joined="no") == ["Büro"]
    assert names(bo, "BÜR") == ["Büro"]
    assert names(bo, archived=True, sort="name") == ["Apple", "Büro", "Cake", "Old"]
    assert names(bo, "secret") == []


@pytest.mark.parametrize("sort", ["name", "members", "newest"])
def test_pages_follow_each_other(bo: User, rooms: dict[str, int], sort: str) -> None:
    whole, found, cursor = names(bo, sort=sort), [], None
    while True:
        page = browse_rooms(bo.pk, sort=sort, limit=1, cursor=cursor)
        found += [room.name for room in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert found == whole


def test_it_is_two_queries(bo: User, rooms: dict[str, int], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        browse_rooms(bo.pk, "a")
    with django_assert_num_queries(2):
        browse_rooms(bo.pk, sort="members", joined="no")


def test_what_cannot_be_asked_is_refused(ada: User) -> None:
    for error, more in (
        (BadBrowse, {"sort": "size"}),
        (BadBrowse, {"joined": "maybe"}),
        (BadLimit, {"limit": 0}),
        (BadLimit, {"limit": 101}),
        (BadBrowse, {"cursor": "x"}),
        (BadBrowse, {"cursor": '["\\u0000", 1]'}),
        (BadBrowse, {"cursor": "[1, 2]"}),
        (BadBrowse, {"cursor": f"[{2**70}, 1]", "sort": "members"}),
    ):
        with pytest.raises(error):
            browse_rooms(ada.pk, **more)
