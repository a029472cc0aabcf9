"""The inbox: own rows and shared rows in one order, each person's own, with a fixed number of queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone

from notifications.inbox import Unread
from notifications.models import AudienceNotification, Notification
from notifications.selectors import audience_streams, inbox_page, inbox_snapshot, unread_count
from notifications.services import notification_read_all
from tests.support.notices import read, sent, to_people, told
from tests.support.people import client_id, make_room, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def ids(page) -> list[str]:
    return [item.id for item in page.items]


def test_own_and_shared_rows_are_one_list_newest_first():
    ada = make_user()
    sent(title="first")
    told(ada, title="second")
    sent(title="third")
    assert [item.title for item in inbox_page(ada).items] == ["third", "second", "first"]


def test_a_row_of_somebody_else_is_not_in_it():
    ada, ben = make_user(), make_user()
    sent(to_people(ben))
    assert inbox_page(ada).items == []


def test_group_and_room_rows_are_for_members():
    ada, ben = make_user(), make_user()
    group = Group.objects.create(name="kitchen")
    ada.groups.add(group)
    room = make_room(ada)
    streams = audience_streams(ada)
    assert streams == ["audience:all", f"audience:group:{group.pk}", f"room:{room}"]
    for stream in streams[1:]:
        AudienceNotification.objects.create(stream=stream, title=stream)
    assert unread_count(ada) == 2
    assert inbox_page(ben).items == []


def test_a_row_from_before_the_account_is_not_in_it():
    make_user()
    sent()
    newcomer = make_user()
    assert inbox_page(newcomer).items == []
    assert unread_count(newcomer) == 0


def test_counting_the_unread_stops_at_a_bound(settings):
    settings.NOTIFICATIONS = {"max_unread_counted": 3}
    ada = make_user()
    for _ in range(5):
        sent()
    assert unread_count(ada) == 3


def test_pages_join_without_gap_or_repetition_even_at_one_moment():
    ada = make_user()
    now = timezone.now()
    for number in range(4):
        Notification.objects.create(recipient=ada, title=f"own {number}", created_at=now)
        AudienceNotification.objects.create(stream="audience:all", title=f"all {number}", created_at=now)
    AudienceNotification.objects.create(
        stream="audience:all", title="later", created_at=now + timedelta(seconds=1)
    )
    whole = ids(inbox_page(ada, limit=100))
    assert len(whole) == 9
    for size in (1, 2, 3, 4):
        gathered, before = [], None
        while True:
            page = inbox_page(ada, before=before, limit=size)
            gathered += ids(page)
            assert page.has_more == (page.next is not None)
            if not page.has_more:
                break
            before = page.next
        assert gathered == whole


def test_reading_counts_down_on_own_and_shared_rows():
    ada, ben = make_user(), make_user()
    sent()
    told(ada)
    assert unread_count(ada) == 2
    read(ada, ids(inbox_page(ada))[:1], client_id=client_id())
    assert [item.read for item in inbox_page(ada).items] == [True, False]
    notification_read_all(ada, client_id=client_id())
    assert inbox_snapshot(ada).unread == Unread(0, 0)
    assert all(item.read for item in inbox_page(ada).items)
    assert unread_count(ben) == 1
    sent(title="news")
    assert unread_count(ada) == 1


def test_the_number_of_queries_does_not_depend_on_what_there_is(django_assert_num_queries):
    ada = make_user()
    for number in range(3):
        Group.objects.create(name=f"group {number}").user_set.add(ada)
        make_room(ada)
        sent()
        told(ada)
    # State, groups, rooms; own rows, shared rows, what was done with those; the count of the shared.
    with django_assert_num_queries(7):
        inbox_page(ada)
    with django_assert_num_queries(7):
        inbox_snapshot(ada)
    with django_assert_num_queries(4):
        unread_count(ada)
    with django_assert_num_queries(2):
        audience_streams(ada)


def test_both_pages_are_read_by_an_index():
    ada = make_user()
    own = Notification.objects.filter(recipient=ada).order_by("-created_at", "-id")[:20]
    unread = Notification.objects.filter(recipient=ada, type="x", group="y", read_at=None)
    shared = AudienceNotification.objects.filter(stream="audience:all").order_by("-created_at", "-id")[:20]
    if connection.vendor == "sqlite":
        assert "notification_page" in own.explain()
        assert "TEMP B-TREE" not in own.explain()
        assert "notification_unread" in unread.explain()
        assert "audience_page" in shared.explain()
        assert "TEMP B-TREE" not in shared.explain()
    else:
        # With so few rows any plan is cheap: which one is taken would hang on when the statistics were made.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            assert "notification_page" in own.explain()
            assert "audience_page" in shared.explain()
