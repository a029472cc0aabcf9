"""A fixed number of queries for what is on messages, and none where there is nothing."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.acks.services import ack_ask, ack_give
from chat.errors import RoomArchived
from chat.marks.payloads import AckInfo, Marks, Reaction, marks_loaded, remarked, stored_form
from chat.pins.services import message_pin
from chat.polls.services import poll_create, poll_vote
from chat.reactions.services import reaction_add
from chat.rooms.services import room_archive
from chat.selectors import messages_before, rooms_of
from tests.support.people import client_id, make_room, make_user, say

pytestmark = pytest.mark.django_db


def queries(user: User, room: int) -> int:
    with CaptureQueriesContext(connection) as captured:
        messages_before(user.pk, room, before=None, limit=50)
    return len(captured)


def fill(room: int, author: User, people: list[User], count: int) -> None:
    for message in say(author, room, *["text"] * count):
        for user in people:
            reaction_add(user=user, message=message, emoji="👍", client_id=client_id())
        asked = ack_ask(user=author, room=room, text="read", client_id=client_id()).message
        for user in people:
            ack_give(user=user, message=asked, client_id=client_id())
        poll = poll_create(
            user=author,
            room=room,
            question="What?",
            options=["a", "b"],
            multiple=True,
            anonymous=True,
            ends_at=None,
            client_id=client_id(),
        ).message
        poll_vote(user=people[0], message=poll, options=[0, 1], client_id=client_id())


def test_a_page_costs_three_queries_more_at_most_however_much_there_is(ada: User) -> None:
    people = [make_user() for _ in range(6)]
    room = make_room(ada, *people)
    say(ada, room, "plain")
    assert queries(ada, room) == 2
    fill(room, ada, people, 1)
    assert queries(ada, room) == 2 + 3
    fill(room, ada, people, 3)
    assert queries(ada, room) == queries(people[-1], room) == 2 + 3


def test_reactions_and_pins_that_name_everybody_cost_none(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    for message in say(ada, room, "one", "two"):
        reaction_add(user=bo, message=message, emoji="👍", client_id=client_id())
        message_pin(user=bo, message=message, client_id=client_id())
    assert queries(ada, room) == queries(bo, room) == 2


def test_the_room_list_knows_them_of_last_messages(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    fill(room, ada, [bo], 1)
    (mine,), (theirs,) = rooms_of(bo.pk, [room]), rooms_of(ada.pk, [room])
    assert mine.last_message is not None
    assert theirs.last_message is not None
    assert (mine.last_message.poll.mine, theirs.last_message.poll.mine) == ([0, 1], [])  # type: ignore[union-attr]


def test_what_is_stored_is_what_was_there_and_nothing_where_there_is_nothing() -> None:
    marks = Marks(reactions=[Reaction("👍", 2, [7, 9])], ack=AckInfo(1, [7]))
    assert marks_loaded(stored_form(marks)) == marks
    assert stored_form(Marks()) == ""
    assert marks_loaded("") == Marks()
    assert remarked(remarked("", pinned=True), pinned=False) == ""
    assert marks_loaded(remarked(stored_form(marks), pinned=True)).reactions == marks.reactions


def test_in_an_archived_room_nobody_puts_anything_on_messages(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    (message,) = say(ada, room, "hi")
    asked = ack_ask(user=ada, room=room, text="read", client_id=client_id()).message
    room_archive(user=ada, room=room, archived=True, client_id=client_id())
    for attempt in (
        lambda: reaction_add(user=bo, message=message, emoji="👍", client_id=client_id()),
        lambda: message_pin(user=bo, message=message, client_id=client_id()),
        lambda: ack_give(user=bo, message=asked, client_id=client_id()),
        lambda: ack_ask(user=ada, room=room, text="read", client_id=client_id()),
    ):
        with pytest.raises(RoomArchived):
            attempt()
