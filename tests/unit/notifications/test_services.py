"""Reading is told to all of a person's devices, once, however often it is asked for."""

from __future__ import annotations

import random
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from notifications.errors import BadItem, BadSnooze
from notifications.inbox import InboxItem, Unread
from notifications.models import InboxState, Mark, Notification
from notifications.placing import user_stream
from notifications.selectors import Box, inbox_page, unread_count
from notifications.services import notification_mark, notification_read_all, notification_snooze
from realtime import Conflict
from tests.support.notices import published, read, sent, told
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_notification_is_a_row_and_an_event():
    ada = make_user()
    (row,) = told(ada, title="hi", text="there", level="warning", link="/")
    (event,) = published(user_stream(ada.pk))
    assert event["item"]["id"] == f"n{row.pk}"
    assert event["item"]["level"] == "warning"
    assert event["item"]["read"] is False
    assert set(event["item"]) == set(InboxItem.__struct_fields__)


def test_reading_twice_with_one_client_id_is_told_once():
    ada = make_user()
    (row,) = told(ada)
    key = client_id()
    first = read(ada, [f"n{row.pk}"], client_id=key)
    assert read(ada, [f"n{row.pk}"], client_id=key) == first
    assert read(ada, [f"n{row.pk}"], client_id=client_id()).items == []
    assert published(user_stream(ada.pk), "notifications.read") == [
        {"items": [f"n{row.pk}"], "unread": {"own": 0, "shared": 0}}
    ]


def test_a_client_id_of_another_command_is_refused():
    ada = make_user()
    key = client_id()
    notification_read_all(ada, client_id=key)
    with pytest.raises(Conflict):
        read(ada, [], client_id=key)


def test_somebody_elses_rows_and_rows_that_are_not_there_are_left_alone():
    ada, ben = make_user(), make_user()
    (row,) = told(ben)
    assert read(ada, [f"n{row.pk}", "n99999", "b99999"], client_id=client_id()).items == []
    assert unread_count(ben) == 1


def test_a_shared_row_is_read_by_one_person_only():
    ada, ben = make_user(), make_user()
    sent()
    (item,) = inbox_page(ada).items
    assert read(ada, [item.id], client_id=client_id()).items == [item.id]
    assert (unread_count(ada), unread_count(ben)) == (0, 1)


def test_read_all_says_up_to_when_and_what_comes_later_is_unread():
    ada = make_user()
    told(ada)
    sent()
    newest = inbox_page(ada).items[0].created_at
    assert notification_read_all(ada, client_id=client_id()).up_to == newest
    assert unread_count(ada) == 0
    (event,) = published(user_stream(ada.pk), "notifications.read_all")
    assert event["up_to"].startswith(f"{newest:%Y-%m-%dT%H:%M:%S}")


def test_read_all_of_an_empty_inbox_is_fine():
    notification_read_all(make_user(), client_id=client_id())


def test_too_many_and_malformed_ids_are_refused():
    ada = make_user()
    with pytest.raises(BadItem, match="At most 200"):
        read(ada, ["n1"] * 201, client_id=client_id())
    with pytest.raises(BadItem, match="not an inbox item id"):
        read(ada, ["1; drop table"], client_id=client_id())


def mark(user, mark: Mark, *items: str):
    return notification_mark(user, items, mark, client_id=client_id())


def own_and_shared(user) -> list[str]:
    """The ids of a line of each kind, in the inbox of `user`, both unread."""
    told(user, title="own")
    sent(title="shared")
    return [item.id for item in reversed(inbox_page(user).items)]


@pytest.mark.parametrize("place", [0, 1], ids=["own", "shared"])
def test_each_mark_does_what_it_says_once(place):
    ada = make_user()
    item = own_and_shared(ada)[place]

    def state():
        found = {one.id: one for box in Box for one in inbox_page(ada, box=box).items}[item]
        return found.seen, found.read, unread_count(ada)

    steps = [
        (Mark.SEEN, (True, False, 2)),
        (Mark.READ, (True, True, 1)),
        (Mark.UNREAD, (True, False, 2)),
        (Mark.CLICKED, (True, True, 1)),
        (Mark.UNREAD, (True, False, 2)),
        (Mark.ARCHIVED, (True, False, 1)),
        (Mark.READ, (True, True, 1)),
        (Mark.RESTORED, (True, True, 1)),
    ]
    for step, expected in steps:
        assert mark(ada, step, item).items == [item]
        assert mark(ada, step, item).items == []
        assert state() == expected, step
    assert mark(ada, Mark.CLICKED, item).items == [], "it was followed before"


def test_what_is_archived_is_found_there_and_comes_back():
    ada = make_user()
    items = own_and_shared(ada)
    assert mark(ada, Mark.ARCHIVED, *items).unread == Unread(0, 0)
    assert inbox_page(ada).items == []
    assert {item.id for item in inbox_page(ada, box=Box.ARCHIVED).items} == set(items)
    (event,) = published(user_stream(ada.pk), "notifications.removed")
    assert event == {"items": items, "reason": "archived", "own_unread": 0, "shared_unread": 0}
    assert mark(ada, Mark.RESTORED, *items).unread == Unread(1, 1)
    assert {item.id for item in inbox_page(ada).items} == set(items)
    assert inbox_page(ada, box=Box.ARCHIVED).items == []


def test_a_shared_line_can_be_unread_again_behind_the_watermark():
    ada = make_user()
    sent()
    (item,) = inbox_page(ada).items
    notification_read_all(ada, client_id=client_id())
    assert mark(ada, Mark.UNREAD, item.id).unread == Unread(0, 1)
    assert [one.read for one in inbox_page(ada).items] == [False]
    assert notification_read_all(ada, client_id=client_id()).unread == Unread(0, 0)
    assert [one.read for one in inbox_page(ada).items] == [True]


def test_one_persons_marks_are_nobody_elses():
    ada, ben = make_user(), make_user()
    (mine,), (theirs,) = told(ada), told(ben)
    sent()
    assert mark(ada, Mark.ARCHIVED, f"n{mine.pk}", f"n{theirs.pk}", "b999").items == [f"n{mine.pk}"]
    assert unread_count(ben) == 2


def test_snooze_wants_a_time_ahead_with_its_zone():
    ada = make_user()
    (row,) = told(ada)
    now = timezone.now()
    naive = (now + timedelta(hours=1)).replace(tzinfo=None)
    for until in (now - timedelta(seconds=1), now + timedelta(days=400), naive):
        with pytest.raises(BadSnooze):
            notification_snooze(ada, [f"n{row.pk}"], until, client_id=client_id())
    assert unread_count(ada) == 1


def test_the_number_is_always_that_of_the_rows():
    """Whatever four devices of three people do at the same time."""
    people = [make_user() for _ in range(3)]

    def devices(number: int) -> None:
        chance = random.Random(number)
        for _ in range(12):
            user = chance.choice(people)
            lines = list(Notification.objects.filter(recipient=user).values_list("pk", flat=True))
            step = chance.choice([*Mark, "told", "all"])
            if step == "told" or not lines:
                told(user, people[0]) if user != people[0] else told(user)
            elif step == "all":
                notification_read_all(user, client_id=client_id())
            else:
                mark(user, step, *(f"n{pk}" for pk in chance.sample(lines, min(3, len(lines)))))
        connections.close_all()

    in_threads(devices)
    counted = Notification.objects.filter(read_at=None, archived_at=None, snoozed_until=None)
    for user in people:
        stored = InboxState.objects.filter(user=user).values_list("unread", flat=True).first() or 0
        assert stored == counted.filter(recipient=user).count()


def test_inboxes_that_are_new_to_all_writers_never_deadlock():
    """Some of whom a writer tells have an inbox already, made by another writer a moment ago."""
    rounds = [[make_user() for _ in range(4)] for _ in range(25)]
    barrier = threading.Barrier(4)
    failed: list[Exception] = []

    def writer(number: int) -> None:
        chance = random.Random(number)
        for people in rounds:
            barrier.wait()
            for count in (1, 2, 3):
                try:
                    told(*chance.sample(people, count))
                except Exception as error:  # kept for the test's own thread
                    failed.append(error)
        connections.close_all()

    in_threads(writer)
    assert failed == []
    assert sum(InboxState.objects.values_list("unread", flat=True)) == 4 * 25 * (1 + 2 + 3)


def in_threads(work) -> None:
    """Four threads, each with its number."""
    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
