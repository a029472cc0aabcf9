"""Threads as they are read: the list, the pages, whatever hangs on a message; and who gets to see none of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat import amending, services
from chat.errors import BadLimit, MessageNotFound, RoomNotFound
from chat.paging import Place
from chat.payloads import Message
from chat.selectors import messages_at, messages_before, rooms_of
from chat.sending import Send, message_send, message_send_many
from chat.threads.errors import BadPlace, BadThreadLimit
from chat.threads.selectors import followed_threads, thread_page, threads_listed
from chat.threads.services import thread_read
from tests.support.people import client_id, make_room

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(ada: User, bo: User) -> int:
    return make_room(ada, bo)


def say(author: User, room: int, text: str = "hi", **more: Any) -> int:
    return message_send(author=author, room=room, text=text, client_id=client_id(), **more).message


def fill(author: User, room: int, count: int, **more: Any) -> None:
    message_send_many([Send(author, room, f"text {n}", client_id(), **more) for n in range(count)])


def numbers(items: list[Message]) -> list[int]:
    return [item.number for item in items]


def test_the_timeline_shows_no_replies_but_those_that_are_for_the_room_too(
    ada: User, bo: User, room: int
) -> None:
    root = say(ada, room)
    fill(bo, room, 100, thread=root)
    say(bo, room, "look", thread=root, also_in_room=True)
    fill(bo, room, 100, thread=root)
    say(ada, room)
    page = messages_before(ada.pk, room, before=None, limit=2)
    assert (numbers(page.items), page.has_more) == ([102, 203], True)
    page = messages_before(ada.pk, room, before=102, limit=2)
    assert (numbers(page.items), page.has_more) == ([1], False)


def test_a_page_around_a_message_goes_both_ways(ada: User, room: int) -> None:
    fill(ada, room, 20)

    def around(number: int, limit: int = 5) -> tuple[list[int], bool, bool]:
        page = messages_at(ada.pk, room, Place(around=number), limit)
        assert page.reply is None
        return numbers(page.items), page.has_more, page.has_newer

    assert around(10) == ([8, 9, 10, 11, 12], True, True)
    assert around(1) == ([1, 2, 3], False, True)
    assert around(20) == ([18, 19, 20], True, False)
    assert around(10, 1) == ([10], True, True)
    assert around(99) == ([18, 19, 20], True, False)
    assert around(2**63 - 1)[0] == [18, 19, 20]
    page = messages_at(ada.pk, room, Place(after=17), 2)
    assert (numbers(page.items), page.has_more, page.has_newer) == ([18, 19], True, True)
    page = messages_at(ada.pk, room, Place(after=19), 2)
    assert (numbers(page.items), page.has_newer) == ([20], False)


def test_around_a_reply_a_page_shows_where_its_thread_began(ada: User, bo: User, room: int) -> None:
    fill(ada, room, 10)
    root = say(ada, room)
    fill(ada, room, 10)
    reply = say(bo, room, "reply", thread=root)
    shown = say(bo, room, "shown", thread=root, also_in_room=True)
    page = messages_at(ada.pk, room, Place(around=22), 4)
    assert numbers(page.items) == [10, 11, 12, 13]
    assert page.reply is not None
    assert (page.reply.id, page.reply.root) == (reply, root)
    page = messages_at(ada.pk, room, Place(around=23), 4)
    assert (page.reply, page.items[-1].id) == (None, shown)


def test_one_place_at_a_time(ada: User, room: int) -> None:
    for place in (Place(before=1, after=2), Place(1, 2, 3)):
        with pytest.raises(BadPlace):
            messages_at(ada.pk, room, place, 5)
    with pytest.raises(BadLimit):
        messages_at(ada.pk, room, Place(around=1), 201)


def test_a_thread_is_read_in_pages_from_whatever_message_of_it(ada: User, bo: User, room: int) -> None:
    root = say(ada, room, "root")
    fill(bo, room, 9, thread=root)
    reply = say(bo, room, "tenth", thread=root)

    def page(message: int, place: Place) -> tuple[list[int], bool, bool]:
        found = thread_page(ada.pk, message, place, 3)
        assert (found.root.text, found.following, found.read_number) == ("root", True, 1)
        return numbers(found.items), found.has_more, found.has_newer

    assert page(root, Place()) == page(reply, Place()) == ([9, 10, 11], True, False)
    assert page(root, Place(before=4)) == ([2, 3], False, False)
    assert page(root, Place(after=9)) == ([10, 11], True, False)
    assert page(root, Place(around=6)) == ([5, 6, 7], True, True)
    unread = thread_page(bo.pk, say(bo, room, "nothing yet"), Place(), 3)
    assert (unread.items, unread.following, unread.root.thread) == ([], False, None)


def test_the_threads_one_follows_come_unread_first_then_by_their_last_reply(
    ada: User, bo: User, room: int, settings: Any
) -> None:
    first, second, third = (say(ada, room, text) for text in ("first", "second", "third"))
    for root in (first, second, third, first):
        say(bo, room, "@ada", thread=root)
    thread_read(user=ada, thread=third, number=99, client_id=client_id())
    found = threads_listed(ada.pk, offset=0, limit=2)
    assert [item.root.text for item in found.items] == ["first", "second"]
    assert found.has_more
    assert (found.items[0].thread.unread, found.items[0].thread.mentioned) == ([4, 7], [4, 7])
    rest = threads_listed(ada.pk, offset=2, limit=2)
    assert ([item.root.text for item in rest.items], rest.has_more) == (["third"], False)
    assert rest.items[0].root.thread is not None
    settings.CHAT = {"max_threads": 2, "max_mentioned": 1}
    assert [one.root for one in followed_threads(ada.pk)] == [first, third]
    assert followed_threads(ada.pk)[0].unread == [7]
    assert len(threads_listed(ada.pk, offset=0, limit=50).items) == 2


@pytest.mark.parametrize(("offset", "limit"), [(-1, 5), (0, 0), (0, 51)])
def test_the_list_has_its_bounds(ada: User, offset: int, limit: int) -> None:
    with pytest.raises(BadThreadLimit):
        threads_listed(ada.pk, offset=offset, limit=limit)


def test_a_quote_says_what_the_message_says_now(ada: User, bo: User, room: int) -> None:
    quoted = say(ada, room, "first version")
    say(bo, room, "look", quote=quoted)

    def quote() -> tuple[str, bool]:
        found = messages_before(bo.pk, room, before=None, limit=1).items[0].quote
        assert found is not None
        (listed,) = rooms_of(bo.pk, [room])
        assert listed.last_message is not None
        assert listed.last_message.quote == found
        return found.text, found.deleted

    assert quote() == ("first version", False)
    amending.message_edit(user=ada, message=quoted, text="second version", client_id=client_id())
    assert quote() == ("second version", False)
    amending.message_delete(user=ada, message=quoted, client_id=client_id())
    assert quote() == ("", True)
    amending.message_restore(user=ada, message=quoted, client_id=client_id())
    assert quote() == ("second version", False)


def test_who_has_left_sees_neither_quotes_nor_threads(ada: User, bo: User, room: int) -> None:
    root = say(ada, room, "secret")
    reply = say(bo, room, "secret too", thread=root)
    say(bo, room, "look", quote=root)
    services.room_leave(user=bo, room=room, client_id=client_id())
    for look in (
        lambda: thread_page(bo.pk, root, Place(), 5),
        lambda: thread_page(bo.pk, reply, Place(around=reply), 5),
    ):
        with pytest.raises(MessageNotFound):
            look()
    with pytest.raises(RoomNotFound):
        messages_at(bo.pk, room, Place(around=2), 5)
    assert threads_listed(bo.pk, offset=0, limit=5).items == followed_threads(bo.pk) == []


def queries(work: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_reads_cost_the_same_queries_for_few_and_for_many(ada: User, bo: User, room: int) -> None:
    def more() -> None:
        root = say(ada, room)
        fill(bo, room, 3, thread=root)
        fill(bo, room, 3, thread=root, quote=root, also_in_room=True)

    def costs() -> list[int]:
        newest = rooms_of(ada.pk, [room])[0].last_number
        return [
            queries(lambda: messages_before(ada.pk, room, before=None, limit=50)),
            queries(lambda: messages_at(ada.pk, room, Place(around=2), 50)),
            queries(lambda: messages_at(ada.pk, room, Place(around=newest), 50)),
            queries(lambda: thread_page(ada.pk, root, Place(), 50)),
            queries(lambda: threads_listed(ada.pk, offset=0, limit=50)),
            queries(lambda: followed_threads(ada.pk)),
            queries(lambda: rooms_of(ada.pk)),
        ]

    root = say(ada, room)
    fill(bo, room, 3, thread=root, quote=root)
    more()
    few = costs()
    for _ in range(7):
        more()
    assert costs() == few == [4, 7, 6, 6, 5, 3, 4]
