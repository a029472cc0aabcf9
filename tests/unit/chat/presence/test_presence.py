"""Statuses, availability and read marks: what people choose, who is told, and when it ends."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from chat.errors import MessageNotFound, RoomNotFound
from chat.models import Member
from chat.presence import selectors, services
from chat.presence.delivered import note_delivered
from chat.presence.errors import BadAvailability, BadStatus, BadStatusTime
from chat.sending import message_send
from chat.services import room_read
from notifications.preferences.selectors import preferences_of
from realtime import SeenMark
from tests.support.people import client_id, make_direct, make_room, make_user

pytestmark = pytest.mark.django_db


def soon() -> datetime:
    return timezone.now() + timedelta(hours=1)


def say(user: User, text: str, emoji: str = "", until: datetime | None = None) -> None:
    services.status_set(user=user, emoji=emoji, text=text, until=until, client_id=client_id())


def read(user: User, room: int, number: int) -> None:
    room_read(user=user, room=room, number=number, client_id=client_id())


def test_a_status_is_seen_by_those_who_share_a_room_and_by_nobody_else(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo)
    say(ada, "  On\u200b holiday ", "🌴")
    (status,) = selectors.statuses_in(bo.pk, room)
    assert (status.user, status.emoji, status.text) == (ada.pk, "🌴", "On holiday")
    with pytest.raises(RoomNotFound):
        selectors.statuses_in(cy.pk, room)
    assert selectors.statuses_of_direct(bo.pk) == []
    make_direct(bo, ada)
    assert [one.user for one in selectors.statuses_of_direct(bo.pk)] == [ada.pk]
    say(ada, "")
    assert selectors.statuses_in(bo.pk, room) == []


@pytest.mark.parametrize(
    ("emoji", "text"), [("", "x" * 101), ("e" * 41, ""), ("", "a" + "\u0301" * 60), ("", "x" * 10_000)]
)
def test_a_status_is_short_and_plain(ada: User, emoji: str, text: str) -> None:
    with pytest.raises(BadStatus):
        say(ada, text, emoji)


@pytest.mark.parametrize("ahead", [timedelta(seconds=-1), timedelta(days=366)])
def test_a_status_ends_within_a_year(ada: User, ahead: timedelta) -> None:
    with pytest.raises(BadStatusTime):
        say(ada, "Away", until=timezone.now() + ahead)
    with pytest.raises(BadStatusTime):
        say(ada, "Away", until=(timezone.now() + timedelta(hours=1)).replace(tzinfo=None))


def test_do_not_disturb_mutes_for_as_long_as_it_lasts(ada: User) -> None:
    until = soon()

    def choose(availability: str) -> None:
        services.availability_set(user=ada, availability=availability, until=until, client_id=client_id())

    choose("dnd")
    assert preferences_of(ada).muted_until == until
    choose("invisible")
    assert preferences_of(ada).muted_until is None
    assert selectors.own_status(ada.pk).availability == "invisible"
    choose("auto")
    own = selectors.own_status(ada.pk)
    assert (own.availability, own.availability_until) == ("auto", None)
    with pytest.raises(BadAvailability):
        choose("asleep")


def test_what_has_a_time_ends_by_itself_and_the_other_stays(ada: User, bo: User) -> None:
    services.availability_set(user=ada, availability="dnd", until=soon(), client_id=client_id())
    say(ada, "Back soon")
    say(bo, "At lunch", until=soon())
    assert not services.anything_over()
    User.objects.filter(pk=ada.pk).update(availability_until=timezone.now())
    User.objects.filter(pk=bo.pk).update(status_until=timezone.now())
    # Nobody waits for the upkeep to see that it is over.
    assert (selectors.own_status(ada.pk).availability, selectors.own_status(bo.pk).status.text) == (
        "auto",
        "",
    )
    assert services.anything_over()
    assert not services.end_some()
    assert not services.anything_over()
    ada.refresh_from_db()
    bo.refresh_from_db()
    assert (ada.availability, ada.status_text, bo.status_text) == ("auto", "Back soon", "")
    assert preferences_of(ada).muted_until is None


def test_read_marks_are_for_members_who_show_their_own(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo, cy)
    sent = message_send(author=ada, room=room, text="hello", client_id=client_id())
    read(bo, room, 1)
    assert {one.user: one.read for one in selectors.receipts_of(ada.pk, room)} == {
        ada.pk: 1,
        bo.pk: 1,
        cy.pk: 0,
    }
    assert [one.username for one in selectors.readers_of(ada.pk, sent.message).people] == ["bo"]
    services.receipts_set(user=bo, shown=False, client_id=client_id())
    assert [one.user for one in selectors.receipts_of(ada.pk, room)] == [ada.pk, cy.pk]
    assert selectors.readers_of(ada.pk, sent.message).count == 0
    assert selectors.receipts_of(bo.pk, room) == []
    assert selectors.readers_of(bo.pk, sent.message).count == 0
    stranger = make_user("dee")
    with pytest.raises(RoomNotFound):
        selectors.receipts_of(stranger.pk, room)
    with pytest.raises(MessageNotFound):
        selectors.readers_of(stranger.pk, sent.message)


def test_in_a_large_room_marks_are_not_told_but_can_be_asked_for(
    ada: User, bo: User, settings: object
) -> None:
    settings.CHAT = {"receipts_max_members": 1}  # type: ignore[attr-defined]
    room = make_room(ada, bo)
    sent = message_send(author=ada, room=room, text="hello", client_id=client_id())
    read(bo, room, 1)
    assert selectors.receipts_of(ada.pk, room) == []
    assert selectors.readers_of(ada.pk, sent.message).count == 1


def test_reads_cost_the_same_whatever_the_number_of_people(ada: User, bo: User) -> None:
    def queries(room: int, message: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            selectors.statuses_in(ada.pk, room)
            selectors.receipts_of(ada.pk, room)
            selectors.readers_of(ada.pk, message)
        return len(captured)

    small, large = make_room(ada, bo), make_room(ada, bo, *(make_user(f"p{n}") for n in range(20)))
    counts = set()
    for room in (small, large):
        sent = message_send(author=ada, room=room, text="hello", client_id=client_id())
        for member in Member.objects.filter(room_id=room).select_related("user"):
            say(member.user, "here")
            read(member.user, room, 1)
        counts.add(queries(room, sent.message))
    assert counts == {10}


def test_delivered_marks_rise_in_direct_conversations_and_give_nobody_away(ada: User, bo: User) -> None:
    direct, room = make_direct(ada, bo), make_room(ada, bo)

    def mark(seq: int) -> int:
        note_delivered([SeenMark(bo.pk, str(direct), seq), SeenMark(bo.pk, str(room), seq)])
        return Member.objects.get(user=bo, room=direct).delivered_seq

    assert (mark(5), mark(3), mark(6)) == (5, 5, 6)
    assert Member.objects.get(user=bo, room=room).delivered_seq == 0
    services.availability_set(user=bo, availability="invisible", until=None, client_id=client_id())
    assert mark(9) == 6
