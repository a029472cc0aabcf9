"""The index follows the messages: in chunks, once, and at once where one changes."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from chat import amending
from chat.models import Message, Room, SearchedRoom, SearchEntry
from chat.search import index
from chat.search.selectors import search
from tests.support.people import client_id, make_room, make_user, say

pytestmark = pytest.mark.django_db


def index_all() -> int:
    """How many steps it took."""
    steps = 0
    while index.index_some():
        steps += 1
    return steps


def texts(user: User, query: str) -> list[str]:
    return [one.message.text for one in search(user.pk, query).items]


def test_it_is_filled_in_chunks_oldest_first_and_then_rests(ada: User, settings: Any) -> None:
    settings.CHAT = {"index_chunk": 4}
    rooms = [make_room(ada), make_room(ada)]
    for room in rooms:
        say(ada, room, *(f"tea {n}" for n in range(5)))
    assert index.anything_to_index()
    assert index.index_some()
    assert dict(SearchedRoom.objects.values_list("room", "number")) == {rooms[0]: 4, rooms[1]: 0}
    assert index_all() == 2
    assert SearchEntry.objects.count() == 10
    assert not index.anything_to_index()
    say(ada, rooms[1], "more tea")
    assert index_all() == 1
    assert SearchEntry.objects.count() == 11


def test_what_is_not_indexed_yet_is_found_too(ada: User) -> None:
    room = make_room(ada)
    say(ada, room, "old tea")
    index_all()
    say(ada, room, "new tea", "coffee")
    assert texts(ada, "tea") == ["new tea", "old tea"]
    assert texts(ada, "tea -new") == ["old tea"]
    assert texts(ada, "from:ada has:link") == []


def test_where_too_much_waits_the_answer_says_that_it_is_not_whole(ada: User, settings: Any) -> None:
    settings.CHAT = {"search_tail": 2}
    room = make_room(ada)
    say(ada, room, "tea 1", "tea 2", "tea 3")
    page = search(ada.pk, "tea")
    assert ([one.message.text for one in page.items], page.up_to_date) == (["tea 3", "tea 2"], False)
    index_all()
    page = search(ada.pk, "tea")
    assert (len(page.items), page.up_to_date) == (3, True)


@pytest.mark.parametrize("indexed", [False, True])
def test_edits_deletions_and_their_undoing_count_at_once(ada: User, indexed: bool) -> None:
    room = make_room(ada)
    (message,) = say(ada, room, "green tea")
    if indexed:
        index_all()
    amending.message_edit(user=ada, message=message, text="black coffee", client_id=client_id())
    assert (texts(ada, "tea"), texts(ada, "coffee")) == ([], ["black coffee"])
    assert texts(ada, "is:edited") == ["black coffee"]
    amending.message_delete(user=ada, message=message, client_id=client_id())
    assert (texts(ada, "coffee"), texts(ada, "from:ada")) == ([], [])
    assert SearchEntry.objects.get(message=message).words == ""
    amending.message_restore(user=ada, message=message, client_id=client_id())
    assert texts(ada, "coffee") == ["black coffee"]
    index_all()
    assert texts(ada, "coffee") == ["black coffee"]
    assert SearchEntry.objects.count() == 1


def test_a_message_that_changed_before_it_was_indexed_keeps_its_newer_words(ada: User) -> None:
    room = make_room(ada)
    (message,) = say(ada, room, "green tea")
    amending.message_edit(user=ada, message=message, text="black coffee", client_id=client_id())
    index_all()
    assert (texts(ada, "tea"), texts(ada, "coffee")) == ([], ["black coffee"])


def test_removed_messages_do_not_hold_it_up_and_go_from_it(ada: User) -> None:
    room = make_room(ada)
    first, second = say(ada, room, "green tea", "black tea")
    index_all()
    Message.objects.filter(pk=first).delete()
    assert texts(ada, "tea") == ["black tea"]
    say(ada, room, "white tea")
    Message.objects.filter(room=room, number=3).delete()
    assert index_all() == 1
    assert not index.anything_to_index()
    Room.objects.get(pk=room)
    assert SearchEntry.objects.values_list("message", flat=True).get() == second


def test_sending_knows_nothing_of_it(ada: User) -> None:
    say(make_user(), make_room(ada), "not a member")
    say(ada, make_room(ada), "tea")
    assert not SearchEntry.objects.exists()
