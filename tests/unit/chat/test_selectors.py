from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat import selectors, services
from chat.api import snapshot_of
from chat.errors import BadLimit, BadNumber, RoomNotFound
from chat.sending import Send, message_send, message_send_many
from tests.support.people import client_id, make_direct, make_room, make_user

pytestmark = pytest.mark.django_db


def fill(room: int, author: User, count: int) -> None:
    message_send_many([Send(author, room, f"text {n}", client_id()) for n in range(1, count + 1)])


def test_a_room_shows_what_is_unread_and_what_was_said_last(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    fill(room, bo, 3)
    services.room_read(user=ada, room=room, number=1, client_id=client_id())
    (seen,) = selectors.rooms_of(ada.pk)
    assert (seen.last_number - seen.read_number, seen.member_count, seen.members) == (2, 2, [])
    assert seen.last_message is not None
    assert (seen.last_message.text, seen.last_message.author.username) == ("text 3", "bo")


def test_history_comes_in_pages_oldest_first(ada: User) -> None:
    room = make_room(ada)
    fill(room, ada, 7)
    newest = selectors.messages_before(ada.pk, room, before=None, limit=3)
    assert ([item.number for item in newest.items], newest.has_more) == ([5, 6, 7], True)
    older = selectors.messages_before(ada.pk, room, before=5, limit=4)
    assert ([item.number for item in older.items], older.has_more) == ([1, 2, 3, 4], False)
    assert selectors.messages_before(ada.pk, room, before=0, limit=3).items == []


@pytest.mark.parametrize("limit", [0, -1, 201, 10**9])
def test_a_page_has_1_to_200_messages(ada: User, limit: int) -> None:
    with pytest.raises(BadLimit) as caught:
        selectors.messages_before(ada.pk, make_room(ada), before=None, limit=limit)
    assert caught.value.data == {"max": 200}


@pytest.mark.parametrize("before", [-1, 2**63])
def test_a_page_starts_at_a_number(ada: User, before: int) -> None:
    with pytest.raises(BadNumber):
        selectors.messages_before(ada.pk, make_room(ada), before=before, limit=3)


def test_history_and_members_are_for_members(ada: User, bo: User) -> None:
    for room in (make_room(ada, kind="public"), 999_999):
        with pytest.raises(RoomNotFound):
            selectors.messages_before(bo.pk, room, before=None, limit=3)
        with pytest.raises(RoomNotFound):
            selectors.members_of(bo.pk, room)


def test_public_rooms_are_found_by_a_part_of_their_name_in_any_case(ada: User, bo: User) -> None:
    make_room(ada, kind="public", name="Große Halle")
    make_room(ada, kind="private", name="Große Kammer")
    (found,) = selectors.public_rooms_matching(bo, "GROSSE")
    assert (found.name, found.joined, found.member_count) == ("Große Halle", False, 1)
    assert selectors.public_rooms_matching(ada, "halle")[0].joined


def test_members_are_found_by_the_beginning_of_their_user_name_first_and_are_few(
    ada: User, settings: Any
) -> None:
    named = {"anna": "Zed", "zed": "Hannah", "ann": "Ann", "per.cent": "100 %"}
    room = make_room(ada, *[make_user(name, display_name=shown) for name, shown in named.items()])
    make_room(make_user("annette"))
    gone = make_user("annika")
    services.room_invite(user=ada, room=room, invited=gone.pk, client_id=client_id())
    User.objects.filter(pk=gone.pk).update(is_active=False)

    def found(text: str) -> list[str]:
        return [member.username for member in selectors.members_matching(ada.pk, room, text)]

    assert found("ANN") == ["ann", "anna", "zed"]
    assert found("%") == ["per.cent"]
    assert found("") == ["ada", "ann", "anna", "per.cent", "zed"]
    assert found("nobody") == []
    settings.CHAT = {"suggestions": 2}
    assert found("ann") == ["ann", "anna"]
    with pytest.raises(RoomNotFound):
        selectors.members_matching(make_user("bob").pk, room, "ann")


def test_unread_mentions_are_told_by_their_numbers_the_newest_of_them(
    ada: User, bo: User, settings: Any
) -> None:
    room, other = make_room(ada, bo), make_room(ada, bo)
    for text in ("@bo", "no", "@room", "@bo @room", "@ada", "@bo"):
        message_send(author=ada, room=room, text=text, client_id=client_id())

    def mentioned(user: User) -> dict[int, list[int]]:
        return {one.id: one.mentioned for one in selectors.rooms_of(user.pk)}

    assert mentioned(bo) == {room: [1, 3, 4, 6], other: []}
    assert mentioned(ada) == {room: [], other: []}
    settings.CHAT = {"max_mentioned": 2}
    assert mentioned(bo)[room] == [4, 6]
    services.room_read(user=bo, room=room, number=4, client_id=client_id())
    assert mentioned(bo)[room] == [6]


def queries(work: object) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()  # type: ignore[operator]
    return len(captured)


def test_the_snapshot_costs_the_same_queries_for_1_room_and_for_20(ada: User, bo: User) -> None:
    make_direct(ada, bo)
    few = queries(lambda: snapshot_of(ada))
    for _ in range(19):
        fill(make_room(ada, bo), bo, 2)
    assert len(snapshot_of(ada)["rooms"]) == 20
    assert queries(lambda: snapshot_of(ada)) == few <= 21


def test_a_page_of_history_costs_two_queries(ada: User) -> None:
    room = make_room(ada)
    fill(room, ada, 60)
    assert queries(lambda: selectors.messages_before(ada.pk, room, before=None, limit=50)) == 2


def test_a_list_of_members_and_a_search_in_it_cost_two_queries(ada: User, bo: User) -> None:
    room = make_room(ada, bo, *(make_user() for _ in range(5)))
    assert queries(lambda: selectors.members_of(ada.pk, room)) == 2
    assert queries(lambda: selectors.members_matching(ada.pk, room, "user")) == 2
