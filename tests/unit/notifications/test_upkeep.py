"""Snoozed lines come back, expired and old ones go, and the numbers stay right, on own and on shared lines."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications import upkeep
from notifications.models import AudienceNotification, InboxState, Notification
from notifications.selectors import Box, inbox_page, unread_count
from notifications.services import Mark, notification_mark, notification_snooze
from tests.support.notices import published, sent, told
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


def snooze(user, *items: str) -> None:
    notification_snooze(user, items, timezone.now() + HOUR, client_id=client_id())


def an_hour_later(monkeypatch) -> None:
    later = timezone.now() + HOUR
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)


def titles(user, box=Box.INBOX) -> list[str]:
    return [item.title for item in inbox_page(user, box=box).items]


def test_a_snoozed_line_is_away_until_its_time_and_comes_back_on_top(monkeypatch):
    ada = make_user()
    (line,) = told(ada, title="first")
    told(ada, title="second")
    snooze(ada, f"n{line.pk}")
    assert titles(ada) == ["second"]
    assert titles(ada, Box.SNOOZED) == ["first"]
    assert unread_count(ada) == 1
    upkeep.keep_up()
    assert titles(ada) == ["second"]
    an_hour_later(monkeypatch)
    assert upkeep.anything_due()
    upkeep.keep_up()
    assert titles(ada) == ["first", "second"]
    assert unread_count(ada) == 2
    event = published(f"user:{ada.pk}", "notifications.created")[-1]
    assert (event["item"]["id"], event["own_unread"], event["item"]["seen"]) == (f"n{line.pk}", 2, False)
    assert not upkeep.anything_due()


def test_a_shared_line_comes_back_as_one_of_ones_own(monkeypatch):
    ada, ben = make_user(), make_user()
    sent(title="for all")
    snooze(ada, inbox_page(ada).items[0].id)
    assert (titles(ada), titles(ben)) == ([], ["for all"])
    assert titles(ada, Box.SNOOZED) == ["for all"]
    an_hour_later(monkeypatch)
    upkeep.keep_up()
    assert titles(ada) == titles(ben) == ["for all"]
    assert inbox_page(ada).items[0].id.startswith("n")
    assert (unread_count(ada), unread_count(ben)) == (1, 1)


def test_a_line_that_was_read_before_its_snooze_comes_back_read(monkeypatch):
    ada = make_user()
    (line,) = told(ada)
    notification_mark(ada, [f"n{line.pk}"], Mark.READ, client_id=client_id())
    snooze(ada, f"n{line.pk}")
    an_hour_later(monkeypatch)
    upkeep.keep_up()
    assert inbox_page(ada).items[0].read
    assert unread_count(ada) == 0


def test_expired_lines_leave_inboxes_and_screens():
    ada, ben = make_user(), make_user()
    (line, _) = told(ada, ben, expires_at=timezone.now())
    told(ada, title="stays", expires_at=timezone.now() + HOUR)
    upkeep.keep_up()
    assert titles(ada) == ["stays"]
    assert (unread_count(ada), unread_count(ben)) == (1, 0)
    (event,) = published(f"user:{ada.pk}", "notifications.removed")
    assert (event["items"], event["reason"], event["own_unread"]) == ([f"n{line.pk}"], "expired", 1)


def test_an_expired_shared_line_leaves_all_inboxes():
    ada = make_user()
    row = AudienceNotification.objects.create(stream="audience:all", title="today", expires_at=timezone.now())
    upkeep.keep_up()
    assert titles(ada) == []
    (event,) = published("audience:all", "notifications.removed")
    assert event["items"] == [f"b{row.pk}"]


def test_many_lines_go_in_chunks(settings):
    settings.NOTIFICATIONS = {"upkeep_chunk": 2}
    people = [make_user() for _ in range(5)]
    told(*people, expires_at=timezone.now())
    assert upkeep.expire_own()
    assert Notification.objects.count() == 3
    upkeep.keep_up()
    assert not Notification.objects.exists()
    assert set(InboxState.objects.values_list("unread", flat=True)) == {0}


def test_read_and_archived_lines_are_kept_for_a_while_and_unread_ones_longer():
    ada = make_user()
    old, ancient = timezone.now() - timedelta(days=100), timezone.now() - timedelta(days=400)
    for title, at, mark in (
        ("old", old, None),
        ("old and read", old, Mark.READ),
        ("old and archived", old, Mark.ARCHIVED),
        ("ancient", ancient, None),
        ("new and read", timezone.now(), Mark.READ),
    ):
        (line,) = told(ada, title=title, created_at=at)
        if mark:
            notification_mark(ada, [f"n{line.pk}"], mark, client_id=client_id())
    upkeep.retain()
    assert titles(ada) == ["new and read", "old"]
    assert titles(ada, Box.ARCHIVED) == []
    assert unread_count(ada) == 1
