"""A recall takes a notice from everybody: those who have it, those who would have got it, and says who saw it."""

from __future__ import annotations

import pytest

from notifications import notify as door
from notifications import recall as recalling
from notifications import upkeep
from notifications.audiences import Audience
from notifications.errors import NoticeNotFound
from notifications.models import Batch, Notification
from notifications.notify import notify
from notifications.recall import Recalled, recall
from notifications.selectors import inbox_page, unread_count
from notifications.services import Mark, notification_mark
from tests.support.notices import published
from tests.support.notification_types import Build, Liked, Shipped
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    monkeypatch.setattr(door, "nudge", lambda: None)
    monkeypatch.setattr(recalling, "nudge", lambda: None)


def seen(user) -> None:
    items = [item.id for item in inbox_page(user).items]
    notification_mark(user, items, Mark.SEEN, client_id=client_id())


def test_own_lines_go_from_inboxes_and_screens_and_who_saw_them_is_counted():
    people = [make_user() for _ in range(3)]
    told = notify("testing.shipped", to=[user.pk for user in people], data=Shipped(1), key="k")
    ids = {user: inbox_page(user).items[0].id for user in people}
    seen(people[0])
    notification_mark(people[1], [ids[people[1]]], Mark.ARCHIVED, client_id=client_id())
    assert recall(told.notice) == Recalled(seen=1, left=False)
    assert [unread_count(user) for user in people] == [0, 0, 0]
    assert not Notification.objects.exists()
    for user in (people[0], people[2]):
        event = published(f"user:{user.pk}", "notifications.removed")[-1]
        assert event == {
            "items": [ids[user]],
            "reason": "recalled",
            "own_unread": 0,
            "shared_unread": None,
        }
    # Nothing left the inbox of who had put it away already.
    assert len(published(f"user:{people[1].pk}", "notifications.removed")) == 1


def test_again_is_safe_and_what_is_not_there_is_said():
    ada = make_user()
    told = notify("testing.shipped", to=[ada.pk], data=Shipped(1), key="k")
    seen(ada)
    assert recall(told.notice) == recall(told.notice) == Recalled(seen=1, left=False)
    with pytest.raises(NoticeNotFound):
        recall(told.notice + 1)


def test_an_audience_loses_its_row():
    ada, ben = make_user(), make_user()
    told = notify("testing.shipped", to=Audience(kind="everybody"), data=Shipped(1), key="k")
    seen(ada)
    (item,) = inbox_page(ben).items
    assert recall(told.notice) == Recalled(seen=1, left=False)
    assert inbox_page(ben).items == []
    (event,) = published("audience:all", "notifications.removed")
    assert (event["items"], event["reason"]) == ([item.id], "recalled")


def test_what_was_not_given_out_yet_is_not_given_out(settings):
    settings.NOTIFICATIONS = {"chunk_recipients": 2}
    people = [make_user() for _ in range(5)]
    told = notify("testing.shipped", to=[user.pk for user in people], data=Shipped(1), key="k")
    upkeep.place_batch()
    assert recall(told.notice) == Recalled(seen=0, left=False)
    assert not Batch.objects.exists()
    upkeep.keep_up()
    assert [unread_count(user) for user in people] == [0] * 5


def test_of_many_a_worker_takes_the_rest_back(settings):
    people = [make_user() for _ in range(5)]
    told = notify("testing.shipped", to=[user.pk for user in people], data=Shipped(1), key="k")
    seen(people[4])
    settings.NOTIFICATIONS = {"upkeep_chunk": 2}
    assert recall(told.notice) == Recalled(seen=0, left=True)
    assert Notification.objects.count() == 3
    assert upkeep.anything_due()
    upkeep.keep_up()
    assert not Notification.objects.exists()
    assert not upkeep.anything_due()
    assert recall(told.notice) == Recalled(seen=1, left=False)


def test_a_group_goes_back_to_what_the_others_say():
    ada, ben, cleo = make_user("ada"), make_user("ben"), make_user("cleo")
    told = [
        notify("testing.liked", to=[ada.pk], data=Liked("tea"), key=by.username, actor=by, group="tea")
        for by in (ben, cleo)
    ]
    recall(told[1].notice)
    (item,) = inbox_page(ada).items
    assert (item.title, item.count) == ("ben likes tea", 1)
    assert unread_count(ada) == 1
    recall(told[0].notice)
    assert inbox_page(ada).items == []
    assert unread_count(ada) == 0


def test_the_latest_goes_back_to_the_one_before():
    ada = make_user()
    told = [
        notify("testing.build", to=[ada.pk], data=Build(state), key=state, group="main")
        for state in ("green", "red")
    ]
    recall(told[1].notice)
    assert [item.title for item in inbox_page(ada).items] == ["Build green"]
