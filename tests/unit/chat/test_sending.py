from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat import sending, services
from chat.models import Member, Message, Room
from chat.payloads import Sent
from chat.sending import Send, message_send, message_send_many, message_send_promptly
from realtime import RealtimeError
from realtime.log.models import Event, Stream
from tests.support.elsewhere import elsewhere
from tests.support.people import client_id, make_room, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada() -> User:
    return make_user("ada")


@pytest.fixture
def bo() -> User:
    return make_user("bo")


@pytest.fixture
def room(ada: User, bo: User) -> int:
    return make_room(ada, bo)


def codes(outcomes: list[sending.Outcome]) -> list[str]:
    return [one.wire_code if isinstance(one, RealtimeError) else "sent" for one in outcomes]


def test_messages_are_numbered_in_the_order_given_and_their_events_follow(
    ada: User, bo: User, room: int
) -> None:
    joined = Event.objects.filter(stream=f"room:{room}").count()
    outcomes = message_send_many([Send(ada, room, "one", "a"), Send(bo, room, "two", "b")])
    assert outcomes == [
        Sent(message=outcomes[0].message, number=1, seq=joined + 1, duplicate=False),
        Sent(message=outcomes[1].message, number=2, seq=joined + 2, duplicate=False),
    ]
    created = Event.objects.filter(stream=f"room:{room}", name="chat.message_created").order_by("seq")
    assert [event.seq for event in created] == [joined + 1, joined + 2]
    assert Room.objects.get(pk=room).last_number == 2


def test_an_author_has_read_what_they_wrote(ada: User, bo: User, room: int) -> None:
    message_send_many([Send(bo, room, "one", "b1"), Send(ada, room, "two", "a1"), Send(bo, room, "3", "b2")])
    marks = dict(Member.objects.filter(room_id=room).values_list("user__username", "read_number"))
    assert marks == {"ada": 2, "bo": 3}


def test_what_cannot_be_stored_gets_its_own_error_and_the_rest_is_stored(ada: User, room: int) -> None:
    stranger = make_user("stranger")
    outcomes = message_send_many(
        [
            Send(ada, room, "fine", "1"),
            Send(stranger, room, "not mine", "2"),
            Send(ada, 999_999, "not there", "3"),
            Send(ada, -1, "nonsense", "4"),
            Send(ada, 2**80, "nonsense", "5"),
            Send(ada, room, " \u200b ", "6"),
            Send(ada, room, "x" * 4001, "7"),
            Send(ada, room, "nul \x00", "8"),
            Send(ada, room, "a" + "\u0301" * 100, "9"),
            Send(ada, room, "bad id", "é"),
            Send(ada, room, "no id", ""),
            Send(ada, room, "long id", "x" * 65),
            Send(ada, room, "fine too", "10"),
        ]
    )
    assert codes(outcomes) == [
        "sent",
        "not_found",
        "not_found",
        "not_found",
        "not_found",
        "empty_body",
        "too_long",
        "bad_characters",
        "too_complex",
        "bad_client_id",
        "bad_client_id",
        "bad_client_id",
        "sent",
    ]
    assert list(Message.objects.order_by("number").values_list("text", flat=True)) == ["fine", "fine too"]
    assert not Event.objects.filter(stream="room:999999").exists()


def test_not_mine_and_not_there_look_the_same(ada: User, room: int) -> None:
    stranger = make_user("stranger")
    mine, absent = message_send_many([Send(stranger, room, "x", "1"), Send(stranger, 999_999, "x", "2")])
    assert isinstance(mine, RealtimeError)
    assert isinstance(absent, RealtimeError)
    assert mine.as_dict() == absent.as_dict()


def test_again_is_the_first_result_marked_as_duplicate(ada: User, room: int) -> None:
    first = message_send(author=ada, room=room, text="hi", client_id="same")
    again = message_send(author=ada, room=room, text="something else", client_id="same")
    assert (first.duplicate, again.duplicate) == (False, True)
    assert (again.message, again.number, again.seq) == (first.message, first.number, first.seq)
    assert Message.objects.get().text == "hi"


def test_again_within_one_batch_is_stored_once(ada: User, bo: User, room: int) -> None:
    outcomes = message_send_many(
        [Send(ada, room, "one", "same"), Send(ada, room, "one", "same"), Send(bo, room, "his", "same")]
    )
    assert [one.duplicate for one in outcomes] == [False, True, False]
    assert [one.number for one in outcomes] == [1, 1, 2]


def test_again_after_leaving_is_still_the_first_result(bo: User, room: int) -> None:
    first = message_send(author=bo, room=room, text="hi", client_id="same")
    services.room_leave(user=bo, room=room, client_id=client_id())
    assert message_send(author=bo, room=room, text="hi", client_id="same").message == first.message


@pytest.mark.skipif(connection.vendor == "sqlite", reason="on SQLite a transaction that writes is alone")
def test_one_stored_meanwhile_in_another_room_does_not_lose_the_others(
    ada: User, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_room = make_room(ada)
    look = sending._ask_for_messages
    looks: list[int] = []

    def another_process_is_quicker(wanted: object) -> object:
        """The first look finds nothing; right after it the other process commits."""
        found = list(look(wanted))  # type: ignore[arg-type]
        if not looks:
            looks.append(1)
            elsewhere(lambda: message_send(author=ada, room=other_room, text="raced", client_id="raced"))
        return found

    monkeypatch.setattr(sending, "_ask_for_messages", another_process_is_quicker)
    outcomes = message_send_many([Send(ada, room, "raced", "raced"), Send(ada, room, "other", "other")])
    assert [one.duplicate for one in outcomes] == [True, False]
    assert Message.objects.get(room=room).client_id == "other"
    assert Message.objects.get(room=other_room).client_id == "raced"


@pytest.mark.skipif(connection.vendor == "sqlite", reason="on SQLite there are no row locks")
@pytest.mark.parametrize("held", ["room", "stream"])
def test_a_room_that_is_held_delays_no_other_room(ada: User, room: int, held: str) -> None:
    other_room = make_room(ada)
    rows = Room.objects.filter(pk=room) if held == "room" else Stream.objects.filter(name=f"room:{room}")
    sends = [Send(ada, room, "one", "1"), Send(ada, other_room, "two", "2"), Send(ada, room, "three", "3")]

    with transaction.atomic():
        list(rows.select_for_update())
        meanwhile = elsewhere(lambda: message_send_promptly(sends))

    assert codes(meanwhile) == ["busy", "sent", "busy"]
    afterwards = message_send_promptly(sends)
    assert [one.duplicate for one in afterwards] == [False, True, False]
    assert [one.number for one in afterwards] == [1, 1, 2]


def test_a_batch_costs_the_same_statements_whatever_its_size(ada: User, bo: User) -> None:
    rooms = [make_room(ada, bo) for _ in range(5)]

    def statements(count: int) -> int:
        sends = [Send((ada, bo)[n % 2], rooms[n % 5], "text", client_id()) for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            assert codes(message_send_many(sends)) == ["sent"] * count
        return sum(one["sql"].startswith(("SELECT", "INSERT", "UPDATE")) for one in captured)

    statements(5)  # each stream's first use costs its own
    assert statements(1) == statements(50) == 10
