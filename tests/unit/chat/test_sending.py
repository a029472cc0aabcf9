from __future__ import annotations

from typing import Any

import msgspec
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat import sending, services
from chat.models import Member, Mention, Message, Room, Untold
from chat.payloads import Sent
from chat.sending import Send, message_send, message_send_many, message_send_promptly
from realtime import RealtimeError
from realtime.log.models import Event, Stream
from tests.support.elsewhere import elsewhere
from tests.support.people import client_id, make_direct, make_room, make_user

pytestmark = pytest.mark.django_db(transaction=True)


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
        Sent(message=outcomes[0].message, number=1, seq=joined + 1, duplicate=False, not_reached=[]),
        Sent(message=outcomes[1].message, number=2, seq=joined + 2, duplicate=False, not_reached=[]),
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
    ask = sending._ask
    asked: list[int] = []

    def another_process_is_quicker(*question: Any) -> sending._Answers:
        """The first look finds nothing; right after it the other process commits."""
        answers = ask(*question)
        assert asked or not list(answers.stored)
        if not asked:
            asked.append(1)
            elsewhere(lambda: message_send(author=ada, room=other_room, text="raced", client_id="raced"))
        return answers

    monkeypatch.setattr(sending, "_ask", another_process_is_quicker)
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


def statements(room_ids: list[int], authors: tuple[User, ...], count: int, text: str = "text") -> int:
    """How many statements a batch of so many messages takes."""
    sends = [
        Send(authors[n % len(authors)], room_ids[n % len(room_ids)], text, client_id()) for n in range(count)
    ]
    with CaptureQueriesContext(connection) as captured:
        assert codes(message_send_many(sends)) == ["sent"] * count
    return sum(one["sql"].startswith(("SELECT", "INSERT", "UPDATE")) for one in captured)


def test_a_batch_costs_the_same_statements_whatever_its_size(ada: User, bo: User) -> None:
    rooms = [make_room(ada, bo) for _ in range(5)]
    statements(rooms, (ada, bo), 5)  # each stream's first use costs its own
    assert statements(rooms, (ada, bo), 1) == statements(rooms, (ada, bo), 50) == 11


def test_an_at_sign_that_names_nobody_costs_a_look_for_a_person_and_one_for_a_group(
    ada: User, bo: User
) -> None:
    rooms = [make_room(ada, bo)]
    statements(rooms, (ada, bo), 1)
    assert statements(rooms, (ada, bo), 1, "me@example.org, `@bo`") == 11
    assert statements(rooms, (ada, bo), 50, "@property") == 13


def test_mentions_cost_four_statements_more_whatever_their_number(ada: User, bo: User) -> None:
    rooms = [make_room(ada, bo) for _ in range(5)]
    statements(rooms, (ada, bo), 5)
    many = "@ada @bo @room @here"
    assert statements(rooms, (ada, bo), 1, "@ada @bo") == statements(rooms, (ada, bo), 50, many) == 15


def test_a_direct_message_costs_one_statement_more(ada: User, bo: User) -> None:
    rooms = [make_direct(ada, bo)]
    statements(rooms, (ada, bo), 1)
    assert statements(rooms, (ada, bo), 1) == statements(rooms, (ada, bo), 50) == 12


def test_mentions_are_stored_with_the_message_and_told_to_clients(ada: User, bo: User, room: int) -> None:
    stranger, gone = make_user("cy"), make_user("gone", is_active=False)
    text = "🎉 @bo, @cy, @gone: @here"
    sent = message_send(author=ada, room=room, text=text, client_id="1")
    assert [(one.name, one.user, one.why) for one in sent.not_reached] == [
        ("cy", stranger.pk, "not_a_member")
    ]
    event = msgspec.json.decode(Event.objects.get(name="chat.message_created").data)
    marks = event["message"]["mentions"]
    assert [(one["start"], one["length"], one["kind"], one["user"], one["refused"]) for one in marks] == [
        (3, 3, "user", bo.pk, ""),
        (8, 3, "user", stranger.pk, "not_a_member"),
        (20, 5, "here", None, ""),
    ]
    stored = Mention.objects.order_by("pk").values_list("message_id", "room_id", "number", "kind", "user_id")
    assert list(stored) == [(sent.message, room, 1, "user", bo.pk), (sent.message, room, 1, "here", None)]
    assert Untold.objects.get().message_id == sent.message
    assert not Mention.objects.filter(user=gone).exists()


def test_again_tells_again_whom_it_did_not_reach(ada: User, room: int) -> None:
    make_user("cy")
    first = message_send(author=ada, room=room, text="@cy", client_id="same")
    again = message_send(author=ada, room=room, text="@cy", client_id="same")
    assert first.not_reached == again.not_reached != []
    assert Message.objects.count() == 1


def test_who_names_themselves_alone_tells_nobody(ada: User, room: int) -> None:
    message_send(author=ada, room=room, text="@ada was here", client_id="1")
    assert not Untold.objects.exists()
