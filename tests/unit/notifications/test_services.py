"""Reading is told to all of a person's devices, once, however often it is asked for."""

from __future__ import annotations

import pytest

from notifications.errors import BadItem
from notifications.inbox import InboxItem
from notifications.selectors import inbox_page
from notifications.services import (
    notification_create,
    notification_read,
    notification_read_all,
    user_stream,
)
from realtime import Conflict
from tests.support.notices import published, sent
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_notification_is_a_row_and_an_event():
    ada = make_user()
    (row,) = notification_create([ada.pk], title="hi", text="there", level="warning", link="/")
    (event,) = published(user_stream(ada.pk))
    assert event["item"]["id"] == f"n{row.pk}"
    assert event["item"]["level"] == "warning"
    assert event["item"]["read"] is False
    assert set(event["item"]) == set(InboxItem.__struct_fields__)


def test_reading_twice_with_one_client_id_is_told_once():
    ada = make_user()
    (row,) = notification_create([ada.pk], title="hi")
    key = client_id()
    first = notification_read(ada, [f"n{row.pk}"], client_id=key)
    assert notification_read(ada, [f"n{row.pk}"], client_id=key) == first
    assert notification_read(ada, [f"n{row.pk}"], client_id=client_id()).items == []
    assert published(user_stream(ada.pk), "notifications.read") == [{"items": [f"n{row.pk}"]}]


def test_a_client_id_of_another_command_is_refused():
    ada = make_user()
    key = client_id()
    notification_read_all(ada, client_id=key)
    with pytest.raises(Conflict):
        notification_read(ada, [], client_id=key)


def test_somebody_elses_rows_and_rows_that_are_not_there_are_left_alone():
    ada, ben = make_user(), make_user()
    (row,) = notification_create([ben.pk], title="hi")
    assert notification_read(ada, [f"n{row.pk}", "n99999", "b99999"], client_id=client_id()).items == []
    assert inbox_page(ben).unread == 1


def test_a_shared_row_is_read_by_one_person_only():
    ada, ben = make_user(), make_user()
    sent()
    (item,) = inbox_page(ada).items
    assert notification_read(ada, [item.id], client_id=client_id()).items == [item.id]
    assert (inbox_page(ada).unread, inbox_page(ben).unread) == (0, 1)


def test_read_all_says_up_to_when_and_what_comes_later_is_unread():
    ada = make_user()
    notification_create([ada.pk], title="hi")
    sent()
    newest = inbox_page(ada).items[0].created_at
    assert notification_read_all(ada, client_id=client_id()).up_to == newest
    assert inbox_page(ada).unread == 0
    (event,) = published(user_stream(ada.pk), "notifications.read_all")
    assert event["up_to"].startswith(f"{newest:%Y-%m-%dT%H:%M:%S}")


def test_read_all_of_an_empty_inbox_is_fine():
    notification_read_all(make_user(), client_id=client_id())


def test_too_many_and_malformed_ids_are_refused():
    ada = make_user()
    with pytest.raises(BadItem, match="At most 200"):
        notification_read(ada, ["n1"] * 201, client_id=client_id())
    with pytest.raises(BadItem, match="not an inbox item id"):
        notification_read(ada, ["1; drop table"], client_id=client_id())
