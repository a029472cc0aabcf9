"""What happened is told once per key: to a few people at once, to many by chunks, to an audience as one row."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext

from notifications import notify as door
from notifications import upkeep
from notifications.audiences import Audience
from notifications.errors import BadAudience, BadKey
from notifications.models import AudienceNotification, Batch, Delivery, InboxState, Notice, Notification
from notifications.notify import RecipientsNotFound, notify
from notifications.selectors import inbox_page, unread_count
from notifications.services import Mark, notification_mark
from notifications.upkeep import keep_up
from tests.support.deliveries import choose, whys
from tests.support.notices import published
from tests.support.notification_types import Build, Liked, Offer, Shipped
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    """What a worker would do, the tests do."""
    monkeypatch.setattr(door, "nudge", lambda: None)


def shipped(*people, key="shipped:1", **more):
    return notify("testing.shipped", to=[user.pk for user in people], data=Shipped(1), key=key, **more)


def liked(by, *people, key=None, group="tea"):
    ids = [user.pk for user in people]
    return notify("testing.liked", to=ids, data=Liked("tea"), key=key or client_id(), actor=by, group=group)


def titles(user) -> list[str]:
    return [item.title for item in inbox_page(user).items]


def test_a_notice_is_a_line_and_an_event_for_each_recipient():
    ada, ben = make_user(), make_user()
    assert shipped(ada, ben, ada).created
    for user in (ada, ben):
        (item,) = inbox_page(user).items
        assert (item.title, item.link, item.level) == ("Order 1 is on its way", "/orders/1", "success")
        (event,) = published(f"user:{user.pk}")
        assert (event["item"]["id"], event["own_unread"]) == (item.id, 1)
    assert Notice.objects.get().recipients == 2


def test_the_same_key_is_told_once():
    ada, ben = make_user(), make_user()
    first = shipped(ada)
    again = shipped(ada, ben)
    assert (again.notice, again.created) == (first.notice, False)
    assert unread_count(ada) == 1
    assert unread_count(ben) == 0
    assert notify("testing.build", to=[ada.pk], data=Build("red"), key="shipped:1").created


def test_many_at_once_with_one_key_tell_it_once():
    ada = make_user()
    results = []
    barrier = threading.Barrier(4)

    def tell():
        barrier.wait()
        results.append(shipped(ada).created)
        connections.close_all()

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, False, False, True]
    assert unread_count(ada) == 1


def test_a_transaction_that_fails_has_told_nobody():
    ada = make_user()

    def fail():
        with transaction.atomic():
            shipped(ada)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not Notice.objects.exists()
    assert published(f"user:{ada.pk}") == []
    assert unread_count(ada) == 0


def test_who_is_not_there_is_named_and_who_is_switched_off_is_left_out():
    ada, off = make_user(), make_user(is_active=False)
    with pytest.raises(RecipientsNotFound) as found:
        notify("testing.shipped", to=[ada.pk, 999_991, 999_990], data=Shipped(1), key="k")
    assert found.value.data == {"ids": [999_990, 999_991]}
    assert not Notice.objects.exists()
    shipped(ada, off)
    assert (unread_count(ada), unread_count(off)) == (1, 0)
    assert Notice.objects.get().recipients == 1


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_names_what_happened(key):
    with pytest.raises(BadKey):
        shipped(make_user(), key=key)


def test_an_audience_is_one_row_whatever_its_size():
    people = [make_user() for _ in range(4)]
    notify("testing.shipped", to=Audience(kind="everybody"), data=Shipped(2), key="all")
    assert not Notification.objects.exists()
    (row,) = AudienceNotification.objects.all()
    assert row.title == "Order 2 is on its way"
    assert [unread_count(user) for user in people] == [1, 1, 1, 1]
    assert Notice.objects.get().recipients == 4
    assert len(published("audience:all")) == 1


def test_an_audience_is_told_over_all_channels_of_the_type():
    people = [make_user() for _ in range(3)]
    choose(people[1], "calls", "recorder", "off")
    make_user(is_active=False)
    notify("testing.called", to=Audience(kind="everybody"), data={"line": 3}, key="all")
    assert AudienceNotification.objects.count() == 1
    assert not Notification.objects.exists()
    assert [whys(user) for user in people] == [["due"], ["preference"], ["due"]]
    assert [whys(user, "in_app") for user in people] == [["sent"]] * 3


def test_of_a_type_for_the_app_only_those_are_told_outside_who_asked_for_it():
    ada, ben, cyd = make_user(), make_user(), make_user()
    choose(ada, "orders", "recorder", "instant")
    choose(ben, "orders", "recorder", "off")
    notify("testing.shipped", to=Audience(kind="everybody"), data=Shipped(2), key="all")
    assert [whys(user) for user in (ada, ben, cyd)] == [["due"], [], []]
    assert [unread_count(user) for user in (ada, ben, cyd)] == [1, 1, 1]


def test_more_than_a_chunk_of_an_audience_is_carried_by_batches(settings):
    settings.NOTIFICATIONS = {"chunk_recipients": 2}
    people = [make_user() for _ in range(5)]
    told = notify("testing.called", to=Audience(kind="everybody"), data={"line": 3}, key="all")
    assert Batch.objects.filter(notice=told.notice).count() == 3
    assert not Delivery.objects.exists()
    keep_up()
    keep_up()
    assert [whys(user) for user in people] == [["due"]] * 5
    assert not Notification.objects.exists()
    assert [unread_count(user) for user in people] == [1] * 5
    assert len(published("audience:all")) == 1


def test_who_is_left_out_of_an_audience_is_not_told():
    ada, ben = make_user(), make_user()
    audience = Audience(kind="everybody", without_users=(ben.pk,))
    notify("testing.called", to=audience, data={"line": 3}, key="all")
    assert (unread_count(ada), unread_count(ben)) == (1, 0)
    assert (whys(ada), whys(ben)) == (["due"], [])
    assert Notice.objects.get().recipients == 1


def test_a_shared_line_is_not_for_who_has_turned_its_category_off_unless_it_is_critical():
    ada, ben = make_user(), make_user()
    for category in ("orders", "alarms"):
        choose(ben, category, "in_app", "off")
    notify("testing.shipped", to=Audience(kind="everybody"), data=Shipped(2), key="all")
    notify("testing.alarm", to=Audience(kind="everybody"), data={}, key="alarm")
    assert [len(inbox_page(user).items) for user in (ada, ben)] == [2, 1]
    assert [unread_count(user) for user in (ada, ben)] == [2, 1]
    (item,) = inbox_page(ben).items
    assert (item.title, item.critical) == ("Fire", True)
    choose(ben, "orders", "in_app", "instant")
    assert [one.category for one in inbox_page(ben).items] == ["alarms", "orders"]


@pytest.mark.parametrize("kind", ["group", "nobody"])
def test_an_audience_that_is_not_there_is_refused(kind):
    Group.objects.all().delete()
    with pytest.raises(BadAudience):
        notify("testing.shipped", to=Audience(kind=kind, key=7), data=Shipped(2), key="all")
    assert not Notice.objects.exists()


def test_named_people_may_be_an_audience_too():
    ada, ben = make_user(), make_user()
    notify("testing.shipped", to=Audience(kind="users", user_ids=(ada.pk,)), data=Shipped(2), key="named")
    assert (unread_count(ada), unread_count(ben)) == (1, 0)


def test_a_group_is_one_line_that_counts_people():
    ada, ben, cleo, dan = (make_user(name) for name in ("ada", "ben", "cleo", "dan"))
    liked(ben, ada)
    assert titles(ada) == ["ben likes tea"]
    liked(cleo, ada)
    liked(cleo, ada)
    liked(dan, ada)
    assert titles(ada) == ["dan and 2 others like tea"]
    assert inbox_page(ada).items[0].count == 4
    assert unread_count(ada) == 1
    assert [event["own_unread"] for event in published(f"user:{ada.pk}")] == [1, 1, 1, 1]


def test_a_line_that_was_read_is_not_grown():
    ada, ben, cleo = make_user("ada"), make_user("ben"), make_user("cleo")
    liked(ben, ada)
    notification_mark(ada, [inbox_page(ada).items[0].id], Mark.READ, client_id=client_id())
    liked(cleo, ada)
    assert titles(ada) == ["cleo likes tea", "ben likes tea"]
    assert unread_count(ada) == 1


def test_another_group_is_another_line_and_none_is_no_group():
    ada, ben = make_user("ada"), make_user("ben")
    for group in ("tea", "coffee", "", ""):
        liked(ben, ada, group=group)
    assert len(titles(ada)) == 4


def test_the_latest_takes_the_place_of_the_one_before():
    ada = make_user()
    for state in ("red", "green"):
        notify("testing.build", to=[ada.pk], data=Build(state), key=state, group="main")
    assert titles(ada) == ["Build green"]
    assert inbox_page(ada).items[0].count == 1


def test_a_grown_line_moves_up_and_is_new_again():
    ada, ben, cleo = make_user("ada"), make_user("ben"), make_user("cleo")
    liked(ben, ada)
    shipped(ada)
    notification_mark(ada, [item.id for item in inbox_page(ada).items], Mark.SEEN, client_id=client_id())
    liked(cleo, ada)
    assert titles(ada) == ["cleo and 1 other like tea", "Order 1 is on its way"]
    assert [item.seen for item in inbox_page(ada).items] == [False, True]


def test_an_expiry_of_the_type_is_stored_with_each_line():
    ada = make_user()
    notify("testing.offer", to=[ada.pk], data=Offer(), key="offer")
    line, notice = Notification.objects.get(), Notice.objects.get()
    assert line.expires_at == notice.expires_at
    assert (notice.expires_at - notice.created_at).total_seconds() == 3600


def test_more_than_a_chunk_is_given_out_by_workers(settings):
    settings.NOTIFICATIONS = {"chunk_recipients": 3}
    people = [make_user() for _ in range(8)]
    shipped(*people)
    assert not Notification.objects.exists()
    assert Batch.objects.count() == 3
    assert upkeep.anything_due()
    assert upkeep.place_batch()
    assert Notification.objects.count() == 3
    upkeep.keep_up()
    assert not upkeep.anything_due()
    assert [unread_count(user) for user in people] == [1] * 8
    assert InboxState.objects.count() == 8


def test_a_worker_that_dies_in_a_batch_leaves_nothing_of_it(settings, monkeypatch):
    settings.NOTIFICATIONS = {"chunk_recipients": 3}
    people = [make_user() for _ in range(4)]
    shipped(*people)
    monkeypatch.setattr(
        "notifications.placing.publish_many", lambda events: (_ for _ in ()).throw(SystemExit)
    )
    with pytest.raises(SystemExit):
        upkeep.place_batch()
    monkeypatch.undo()
    assert not Notification.objects.exists()
    upkeep.keep_up()
    assert [unread_count(user) for user in people] == [1] * 4


def test_a_notice_costs_the_same_statements_for_one_and_for_many():
    people = [make_user() for _ in range(40)]

    def statements(count: int, key: str) -> int:
        with CaptureQueriesContext(connections["default"]) as captured:
            shipped(*people[:count], key=key)
        return sum(one["sql"].startswith(("SELECT", "INSERT", "UPDATE", "WITH")) for one in captured)

    statements(40, "first")  # makes their inboxes and streams
    assert statements(1, "one") == statements(40, "many")
