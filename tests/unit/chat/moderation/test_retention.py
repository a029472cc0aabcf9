from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from chat import selectors, services, telling
from chat.errors import MessageNotFound
from chat.models import Mention, Message, Report, Revision, Room, Thread, Untold
from chat.moderation import reports, retention
from chat.paging import Place
from chat.sending import message_send
from chat.threads.selectors import followed_threads, thread_page
from notifications.models import Notification
from realtime.log.models import Event, Stream
from tests.support.people import client_id
from tests.unit.chat.moderation.conftest import Club

pytestmark = pytest.mark.django_db


def age(room: int, days: int, *numbers: int) -> None:
    """Makes these messages, and what was published of the room by now, so old."""
    then = timezone.now() - timedelta(days=days)
    Message.objects.filter(room_id=room, number__in=numbers).update(created_at=then)
    last = Message.objects.filter(room_id=room, number__in=numbers).order_by("-number").first()
    if last is not None:
        Event.objects.filter(stream=f"room:{room}", seq__lte=last.seq).update(at=then)


def trim(room: int) -> None:
    """All that is due now, as ticks would."""
    Room.objects.filter(pk=room).update(trim_at=timezone.now())
    while retention.anything_old():
        assert retention.trim_some()


def numbers_of(user: User, room: int) -> list[int]:
    return [one.number for one in selectors.messages_before(user.pk, room, before=None, limit=200).items]


def test_what_is_too_old_goes_and_numbers_and_marks_stay_honest(club: Club, settings: Any) -> None:
    settings.CHAT = {"trim_chunk": 3}
    for number in range(1, 11):
        club.say(club.cy, f"{number}, @bo")
    services.room_read(user=club.bo, room=club.room, number=2, client_id=client_id())
    club.rules(retention_days=30)
    age(club.room, 31, *range(1, 9))
    trim(club.room)
    assert numbers_of(club.bo, club.room) == [9, 10]
    (room,) = selectors.rooms_of(club.bo.pk)
    assert (room.last_number, room.read_number, room.mentioned) == (10, 8, [9, 10])
    assert not Mention.objects.filter(number__lte=8).exists()
    trimmed = Event.objects.filter(name="chat.messages_trimmed").order_by("id")
    assert [event.data for event in trimmed] == [
        '{"up_to":3,"hidden":0}',
        '{"up_to":6,"hidden":0}',
        '{"up_to":8,"hidden":0}',
    ]
    club.say(club.cy)
    assert numbers_of(club.bo, club.room)[-1] == 11


def test_a_reply_that_is_younger_than_its_root_stays_and_the_room_counts_on(club: Club) -> None:
    root = club.say(club.cy, "root")

    def reply(text: str, **more: Any) -> int:
        return message_send(
            author=club.bo, room=club.room, text=text, client_id=client_id(), thread=root, **more
        ).message

    reply("old")
    young, shown = reply("young"), reply("shown", also_in_room=True)
    assert [one.root for one in followed_threads(club.cy.pk)] == [root]
    club.rules(retention_days=30)
    age(club.room, 31, 1, 2)
    trim(club.room)
    assert set(Message.objects.filter(room_id=club.room).values_list("pk", flat=True)) == {young, shown}
    assert followed_threads(club.cy.pk) == []
    with pytest.raises(MessageNotFound):
        thread_page(club.cy.pk, young, Place(), 50)
    assert numbers_of(club.cy, club.room) == [4]
    (room,) = selectors.rooms_of(club.owner.pk)
    assert (room.read_number, room.hidden, room.read_hidden) == (2, 2, 1)
    club.say(club.cy)
    (room,) = selectors.rooms_of(club.owner.pk)
    assert room.last_number - room.hidden - (room.read_number - room.read_hidden) == 2
    age(club.room, 31, 3, 4)
    trim(club.room)
    assert not Thread.objects.exists()
    assert numbers_of(club.cy, club.room) == [5]


def test_when_everything_went_the_room_is_empty_and_goes_on(club: Club) -> None:
    club.say(club.cy)
    club.rules(retention_days=1)
    age(club.room, 2, 1)
    trim(club.room)
    (room,) = selectors.rooms_of(club.bo.pk)
    assert (room.last_message, room.last_number - room.read_number) == (None, 0)
    club.say(club.cy)
    assert numbers_of(club.bo, club.room) == [2]


@pytest.mark.django_db(transaction=True)
def test_the_log_forgets_too_and_says_so_to_who_comes_back(club: Club) -> None:
    """G8: no cursor below what was cut is ever resumed."""
    secret = club.say(club.cy, "secret")
    club.rules(retention_days=1)
    age(club.room, 2, 1)
    seq = Message.objects.get(pk=secret).seq
    trim(club.room)
    assert not Event.objects.filter(stream=f"room:{club.room}", data__contains="secret").exists()
    assert Stream.objects.get(name=f"room:{club.room}").trimmed == seq


def test_revisions_notifications_and_files_go_with_it_and_a_report_keeps_its_excerpt(club: Club) -> None:
    from chat import amending

    message = club.say(club.cy, "@bo, buy this")
    amending.message_edit(user=club.cy, message=message, text="@bo", client_id=client_id())
    reports.report(user=club.bo, message=message, person=None, why="spam", text="", client_id=client_id())
    Untold.objects.update(due_at=timezone.now() - timedelta(days=1))
    telling.tell_some()
    assert Notification.objects.filter(recipient=club.bo).exists()
    taken: list[Sequence[int]] = []
    retention.register_before_deletion(taken.append)
    club.rules(retention_days=1)
    age(club.room, 2, 1)
    trim(club.room)
    retention._before_deletion.remove(taken.append)
    assert taken == [[message]]
    assert not Revision.objects.exists()
    assert not Notification.objects.filter(recipient=club.bo).exists()
    report = Report.objects.get()
    assert (report.message, report.excerpt) == (None, "@bo")


def test_a_legal_hold_keeps_everything(club: Club) -> None:
    club.say(club.cy)
    club.rules(retention_days=1)
    age(club.room, 2, 1)
    Room.objects.filter(pk=club.room).update(legal_hold=True)
    trim(club.room)
    assert numbers_of(club.bo, club.room) == [1]
    assert Room.objects.get(pk=club.room).trim_at is None


def test_rooms_that_say_nothing_follow_the_installation(club: Club, settings: Any) -> None:
    club.say(club.cy)
    age(club.room, 100, 1)
    assert not retention.anything_old()
    settings.CHAT = {"retention_days": 90}
    retention._planned_at_s = -1_000.0
    while retention.anything_old():
        retention.trim_some()
    assert numbers_of(club.bo, club.room) == []


def test_a_room_may_keep_for_ever_what_others_do_not(club: Club, settings: Any) -> None:
    settings.CHAT = {"retention_days": 90}
    club.say(club.cy)
    club.rules(retention_days=0)
    age(club.room, 100, 1)
    trim(club.room)
    assert numbers_of(club.bo, club.room) == [1]


def test_a_room_is_looked_at_again_after_a_while_and_costs_a_look_until_then(club: Club) -> None:
    club.rules(retention_days=1)
    trim(club.room)
    due = Room.objects.get(pk=club.room).trim_at
    assert due is not None
    assert due > timezone.now() + timedelta(minutes=50)
    with connection.execute_wrapper(_count := _Counter()):
        assert not retention.anything_old()
    assert _count.queries == 1


class _Counter:
    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Any, *arguments: Any) -> Any:
        self.queries += 1
        return execute(*arguments)
