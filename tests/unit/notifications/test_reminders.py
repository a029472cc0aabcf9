"""Reminders fire once, at their time, and tell what their owner may see then; nothing of what they may not."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat import amending, services
from notifications import upkeep
from notifications.errors import (
    BadNote,
    BadReminderTime,
    BadSubject,
    ReminderNotFound,
    SubjectNotFound,
    TooManyReminders,
)
from notifications.models import AudienceNotification, Notification, Reminder
from notifications.reminders import firing
from notifications.reminders.services import reminder_cancel, reminder_set, reminders_of
from realtime.log.models import Event
from tests.support.clock import later
from tests.support.notices import published, sent, told
from tests.support.people import client_id, make_room, make_user, say

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


def remind(user, about: str, *, note: str = "", after: timedelta = HOUR):
    return reminder_set(user, about=about, at=timezone.now() + after, note=note, client_id=client_id())


def inbox(user) -> list[tuple[str, str, str]]:
    lines = Notification.objects.filter(recipient=user, type__startswith="notifications.reminder")
    return [(line.title, line.text, line.link) for line in lines.order_by("pk")]


@pytest.fixture
def ada():
    return make_user("ada", display_name="Ada")


@pytest.fixture
def ben():
    return make_user("ben", display_name="Ben")


def test_a_reminder_of_a_message_becomes_one_notification_at_its_time(monkeypatch, ada, ben):
    room = make_room(ada, ben, name="Tea")
    (message,) = say(ben, room, "Bring\nmilk")
    remind(ada, f"message:{message}", note="Oat?")
    upkeep.keep_up()  # of the message, what other apps do with it
    assert not upkeep.anything_due()
    assert inbox(ada) == []
    later(monkeypatch, HOUR)
    assert upkeep.anything_due()
    for _ in range(2):
        upkeep.keep_up()
    assert inbox(ada) == [("Reminder: Ben in Tea: Bring milk", "Oat?", f"/#/room/{room}/1")]
    assert not upkeep.anything_due()
    assert not Reminder.objects.exists()


def test_a_reminder_of_a_line_of_the_inbox_whoever_else_has_it(monkeypatch, ada):
    (line,) = told(ada, title="for ada", link="/a")
    sent(title="for all")
    shared = f"b{AudienceNotification.objects.get().pk}"
    remind(ada, f"notification:n{line.pk}")
    remind(ada, f"notification:{shared}", after=HOUR / 2)
    assert [item.title for item in reminders_of(ada)] == ["for all", "for ada"]
    later(monkeypatch, HOUR)
    upkeep.keep_up()
    assert [title for title, _, _ in inbox(ada)] == ["Reminder: for all", "Reminder: for ada"]


@pytest.mark.parametrize("lost", ["membership", "message"])
def test_what_its_owner_may_not_see_any_more_is_not_told(monkeypatch, ada, ben, lost):
    room = make_room(ben, ada, name="Secret plans")
    (message,) = say(ben, room, "the cake is at noon")
    remind(ada, f"message:{message}", note="Cake")
    if lost == "membership":
        services.room_kick(user=ben, room=room, kicked=ada.pk, client_id=client_id())
    else:
        amending.message_delete(user=ben, message=message, client_id=client_id())
    (item,) = reminders_of(ada)
    assert (item.title, item.link, item.note) == (None, None, "Cake")
    later(monkeypatch, HOUR)
    upkeep.keep_up()
    ((title, text, link),) = inbox(ada)
    assert (title, link) == ("Reminder of something that is gone", "")
    assert text.startswith("You noted: Cake\nWhat you asked for on ")
    assert "cake is" not in text
    assert "Secret" not in text


def test_nobody_is_reminded_of_what_they_may_not_see(ada, ben):
    (message,) = say(ben, make_room(ben), "private")
    (line,) = told(ben)
    for about in (
        f"message:{message}",
        "message:999",
        f"notification:n{line.pk}",
        "notification:n",
        "message:x",
    ):
        with pytest.raises(SubjectNotFound):
            remind(ada, about)
    for about in ("", "message", "shop:1", "message:1:2", "message:", f"message:{'1' * 40}"):
        with pytest.raises(BadSubject):
            remind(ada, about)
    assert not Reminder.objects.exists()


@pytest.mark.parametrize(
    ("at", "note", "error"),
    [
        (timedelta(0), "", BadReminderTime),
        (timedelta(days=3 * 366), "", BadReminderTime),
        (None, "", BadReminderTime),
        (HOUR, "x" * 201, BadNote),
    ],
)
def test_a_bad_time_or_note_is_refused(ada, at, note, error):
    (line,) = told(ada)
    moment = timezone.now().replace(tzinfo=None) if at is None else timezone.now() + at
    with pytest.raises(error):
        reminder_set(ada, about=f"notification:n{line.pk}", at=moment, note=note, client_id=client_id())


def test_it_is_set_once_per_client_id_and_within_a_bound(settings, ada):
    settings.NOTIFICATIONS = {"max_reminders": 2}
    (line,) = told(ada)
    again = {
        "about": f"notification:n{line.pk}",
        "at": timezone.now() + HOUR,
        "note": "",
        "client_id": client_id(),
    }
    assert reminder_set(ada, **again) == reminder_set(ada, **again)
    remind(ada, f"notification:n{line.pk}")
    with pytest.raises(TooManyReminders):
        remind(ada, f"notification:n{line.pk}")


def test_only_its_owner_cancels_it(monkeypatch, ada, ben):
    (line,) = told(ada)
    item = remind(ada, f"notification:n{line.pk}")
    for reminder_id in (item.id, 0, 2**70):
        with pytest.raises(ReminderNotFound):
            reminder_cancel(ben, reminder_id, client_id=client_id())
    reminder_cancel(ada, item.id, client_id=client_id())
    later(monkeypatch, HOUR)
    upkeep.keep_up()
    assert inbox(ada) == []


def test_a_kind_that_breaks_holds_nobody_up(monkeypatch, ada):
    (line,) = told(ada)
    remind(ada, f"notification:n{line.pk}")
    monkeypatch.setattr(firing, "visible_subjects", lambda user, names: 1 / 0)
    later(monkeypatch, HOUR)
    upkeep.keep_up()
    assert [title for title, _, _ in inbox(ada)] == ["Reminder of something that is gone"]


def test_the_list_costs_the_same_few_queries_whatever_it_holds(ada, ben):
    room = make_room(ada, ben)
    counts = []
    for number in range(2):
        for message in say(ben, room, *"abc"):
            remind(ada, f"message:{message}")
        for line in told(*[ada] * 3):
            remind(ada, f"notification:n{line.pk}")
        with CaptureQueriesContext(connection) as queries:
            assert len(reminders_of(ada)) == 6 * (number + 1)
        counts.append(len(queries))
    assert counts == [3, 3]


def test_a_list_and_the_events_after_it_equal_a_fresh_list(monkeypatch, ada):
    """The golden test of reminders, as the page applies them."""
    lines = told(*[ada] * 4)
    first = remind(ada, f"notification:n{lines[0].pk}")
    state, seen = listed(ada), Event.objects.latest("id").pk
    second = remind(ada, f"notification:n{lines[1].pk}", note="soon", after=HOUR / 2)
    remind(ada, f"notification:n{lines[2].pk}", after=2 * HOUR)
    reminder_cancel(ada, first.id, client_id=client_id())
    later(monkeypatch, HOUR)
    upkeep.keep_up()
    events = Event.objects.filter(
        stream=f"user:{ada.pk}", id__gt=seen, name__startswith="notifications.reminder_"
    )
    for event in events.order_by("seq"):
        data = msgspec.json.decode(event.data)
        if event.name == "notifications.reminder_set":
            state[data["reminder"]["id"]] = data["reminder"]
        else:
            del state[data["reminder"]]
    assert state == listed(ada)
    reasons = [one["reason"] for one in published(f"user:{ada.pk}", "notifications.reminder_ended")]
    assert reasons == ["cancelled", "fired"]
    assert second.id not in state


def listed(user) -> dict[int, object]:
    return {item["id"]: item for item in msgspec.json.decode(msgspec.json.encode(reminders_of(user)))}


def test_reminders_over_http(client, ada):
    (line,) = told(ada, title="Tea")
    path, about = "/api/reminders", f"notification:n{line.pk}"
    at = (timezone.now() + HOUR).isoformat()
    body = {"about": about, "at": at, "note": "hot", "client_id": client_id()}
    assert client.post(path, body, "application/json").status_code == 401
    client.force_login(ada)
    item = client.post(path, body, "application/json").json()
    assert (item["title"], item["note"]) == ("Tea", "hot")
    assert client.get(path).json() == [item]
    cancelled = client.post(f"{path}/{item['id']}/cancel", {"client_id": client_id()}, "application/json")
    assert cancelled.status_code == 200
    assert client.get(path).json() == []
    naive = {**body, "at": "2030-01-01T09:00:00", "client_id": client_id()}
    assert client.post(path, naive, "application/json").json()["code"] == "bad_reminder_time"
