"""The administrator chooses times, sees what they mean, changes them and leaves one out."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.broadcasts.calendar import table
from notifications.broadcasts.edit_form import EditForm
from notifications.broadcasts.schedule import OWN_ZONE, Repeats, Schedule
from notifications.broadcasts.when_form import WhenForm, when_initial
from notifications.models import Broadcast, Occurrence
from tests.support.notices import at, send_due, sent, stored
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)

BASE = "/admin/notifications/broadcast"
DAY = timedelta(days=1)
NEXT_YEAR = timezone.now().year + 1


def staff(*permissions: str) -> Client:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def sender(db: None) -> Client:
    return staff("add_broadcast")


def series(rule: str = "0 9 * * *", zone: str = "Europe/Berlin", **fields: Any) -> Broadcast:
    start = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return stored(schedule=Schedule(start=start, zone=zone, repeats=Repeats.CRON, rule=rule), **fields)


WEEKLY = {"when": "weekly", "weekdays": ["MO", "FR"], "local_time": "09:00", "time_zone": "Europe/Berlin"}
CRON = {"when": "cron", "cron": "0 9 * * 1-5", "time_zone": "own", "times": "3"}
RRULE = {
    "when": "rrule",
    "rrule": "FREQ=MONTHLY;BYDAY=-1FR",
    "local_date": f"{NEXT_YEAR}-01-01",
    "local_time": "17:30",
    "time_zone": "Asia/Kathmandu",
    "ends_on": f"{NEXT_YEAR}-12-31",
}
LATER = {"when": "later", "local_date": f"{NEXT_YEAR}-02-01", "local_time": "09:00", "time_zone": "own"}


@pytest.mark.parametrize("fields", [WEEKLY, CRON, RRULE, LATER], ids=lambda fields: fields["when"])
def test_what_a_form_says_is_what_it_shows_again(fields):
    form = WhenForm(fields)
    assert form.is_valid(), form.errors
    schedule = form.schedule()
    assert schedule is not None
    broadcast = Broadcast()
    broadcast.schedule = schedule
    assert broadcast.schedule == schedule
    again = {name: value for name, value in when_initial(broadcast).items() if value}
    second = WhenForm(again)
    assert second.is_valid(), second.errors
    assert second.schedule() == schedule


def test_now_needs_nothing_else_and_leaves_out_what_other_choices_hold():
    form = WhenForm({**CRON, "when": "now", "cron": "nonsense"})
    assert form.is_valid()
    assert form.schedule() is None


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({**CRON, "cron": ""}, "cron", "Needed for this choice"),
        ({**CRON, "cron": "99 * * * *"}, "cron", "The minute of this cron rule, 99, cannot be"),
        ({**CRON, "cron": "*/0 * * * *"}, "cron", "The minute"),
        ({**CRON, "cron": "0 9 31 2 *"}, "cron", "The day of month"),
        ({**CRON, "cron": "* * * * * *"}, "cron", "this one has 6"),
        ({**CRON, "cron": "* * * * *", "times": ""}, "cron", "at least 5"),
        ({**CRON, "cron": "0" * 501}, "cron", "at most 500"),
        ({**CRON, "times": "0"}, "times", "greater than or equal to 1"),
        ({**CRON, "times": "1001"}, "times", "less than or equal to 1000"),
        ({**CRON, "ends_on": "2020-01-01"}, "ends_on", "between today and"),
        ({**CRON, "ends_on": "9999-12-31"}, "ends_on", "between today and"),
        ({**CRON, "time_zone": ""}, "time_zone", "Choose the time zone"),
        ({**CRON, "time_zone": "Mars/Base"}, "time_zone", "not one of the available choices"),
        ({**WEEKLY, "weekdays": ["XX"]}, "weekdays", "not one of the available choices"),
        ({**WEEKLY, "local_time": ""}, "local_time", "Needed for this choice"),
        ({**RRULE, "rrule": ""}, "rrule", "Needed for this choice"),
        ({**RRULE, "rrule": "FREQ=SECONDLY"}, "rrule", "FREQ is one of"),
        ({**RRULE, "rrule": "FREQ=DAILY;COUNT=99999999"}, "rrule", "COUNT is from 1 to 1000"),
        ({**RRULE, "rrule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "rrule", "no time that is still to come"),
        ({**RRULE, "local_date": "9999-12-31"}, "rrule", "begins at most"),
        ({**LATER, "local_date": "2020-01-01"}, "local_time", "passed everywhere"),
    ],
)
def test_each_mistake_is_said_at_its_field(fields, field, says):
    form = WhenForm(fields)
    assert not form.is_valid()
    assert says in " ".join(form.errors[field])


def test_the_preview_shows_five_times_with_what_is_odd_about_them(sender):
    told = sender.get(f"{BASE}/when/", {**CRON, "times": "", "time_zone": "Europe/Berlin"}).json()
    assert told["words"] == "At 09:00 on Monday through Friday, Europe/Berlin"
    assert len(told["times"]) == 5
    assert re.fullmatch(r"\w{3} \d{4}-\d\d-\d\d 09:00", told["times"][0]["local"])
    assert re.search(r"0[78]:00$", told["times"][0]["utc"])
    spring = {
        **RRULE,
        "rrule": "FREQ=DAILY",
        "local_time": "02:30",
        "time_zone": "Europe/Berlin",
        "ends_on": "",
    }
    changes = {2027: "03-28", 2028: "03-26", 2029: "03-25", 2030: "03-31"}
    day = f"{NEXT_YEAR}-{changes[NEXT_YEAR]}"
    (first, *_) = sender.get(f"{BASE}/when/", {**spring, "local_date": day}).json()["times"]
    assert first["remark"] == "The clocks skip 02:30 on that day, so it happens at 03:30."
    assert first["utc"].endswith("01:30")
    everywhere = sender.get(f"{BASE}/when/", CRON).json()
    assert "in each person's own time zone, 3 times" in everywhere["words"]
    assert " to " in everywhere["times"][0]["utc"]


def test_the_preview_of_what_is_wrong_says_it_and_of_now_shows_nothing(sender):
    assert sender.get(f"{BASE}/when/", {**CRON, "cron": "0 9 31 2 *"}).json()["errors"]["cron"]
    assert sender.get(f"{BASE}/when/").json()["errors"]["when"]
    assert sender.get(f"{BASE}/when/", {"when": "now"}).json()["times"] == []


@pytest.mark.parametrize("fields", [WEEKLY, CRON, RRULE, LATER], ids=lambda fields: fields["when"])
def test_a_broadcast_is_written_with_each_choice(sender, fields):
    make_user()
    data = {
        "form_key": str(uuid.uuid4()),
        "seen": "0",
        "title": "Tea",
        "level": "info",
        "audience_kind": "everybody",
        **fields,
    }
    sender.post(f"{BASE}/add/", data)
    broadcast = Broadcast.objects.get()
    sender.post(f"{BASE}/{broadcast.pk}/submit/", {"people": "2"})
    assert broadcast.occurrences.count() == {"weekly": 5, "cron": 3, "rrule": 5, "later": 1}[fields["when"]]
    page = sender.get(f"{BASE}/{broadcast.pk}/change/").content.decode()
    assert page.count(">Skip<") == (0 if fields["when"] == "later" else broadcast.occurrences.count())


def test_the_page_shows_what_comes_and_what_was(sender):
    broadcast = series()
    first, second = broadcast.occurrences.all()[:2]
    send_due(first.due_at)
    sender.post(f"{BASE}/times/{second.pk}/skip/")
    fragment = sender.get(f"{BASE}/{broadcast.pk}/times/").content.decode()
    shown = re.findall(r'data-status="(\w+)"', fragment)
    assert shown == ["sent", "skipped"] + ["scheduled"] * 5
    assert "An administrator has skipped it." in fragment
    assert first.local_time[:10] in fragment


def test_the_table_costs_two_queries_whatever_is_in_it():
    make_user()
    few, many = series(), series()
    ended = {"due_at": timezone.now(), "status": "sent"}
    Occurrence.objects.bulk_create(
        Occurrence(broadcast=many, local_time=f"2020-01-01T{hour:02}:00:00", zone=zone, **ended)
        for hour in range(24)
        for zone in ("UTC+01:00", "UTC+02:00")
    )
    for broadcast in (few, many):
        with CaptureQueriesContext(connection) as queries:
            assert len(table(broadcast, now=timezone.now())) <= 20
        assert len(queries) <= 2


def test_the_times_of_a_series_everywhere_are_one_line_each():
    make_user()
    broadcast = series(zone=OWN_ZONE)
    for row in table(broadcast, now=timezone.now()):
        assert (row.status, row.remark) == ("scheduled", "When it is that time where each person lives.")
    send_due(broadcast.occurrences.first().due_at)
    first = table(broadcast, now=timezone.now())[0]
    assert first.remark == "Over in 0 of the 1 offsets from UTC that people live at."
    assert first.skippable is not None


def test_a_time_is_skipped_by_its_button_once_and_logged(sender):
    broadcast = series()
    first = broadcast.occurrences.first()
    address = f"{BASE}/times/{first.pk}/skip/"
    assert sender.get(address).status_code == 403
    assert "is skipped; the other times stay" in sender.post(address, follow=True).content.decode()
    sender.post(address)
    assert broadcast.occurrences.filter(status="skipped").count() == 1
    assert broadcast.audit.filter(act="skipped a time").exists()
    once = stored(schedule=at(timezone.now() + DAY))
    only = once.occurrences.get().pk
    assert "happens only once" in sender.post(f"{BASE}/times/{only}/skip/", follow=True).content.decode()
    assert sender.post(f"{BASE}/times/999/skip/").status_code == 404


def edited(broadcast: Broadcast, **fields: Any) -> dict[str, Any]:
    """What the edit page sends back where only these fields were changed."""
    form = EditForm.of(broadcast)
    shown = {name: value for name, value in form.initial.items() if value not in (None, "")}
    return {**shown, **fields}


def test_what_is_to_come_is_edited_and_logged(sender):
    broadcast = series()
    skipped = broadcast.occurrences.first()
    sender.post(f"{BASE}/times/{skipped.pk}/skip/")
    address = f"{BASE}/{broadcast.pk}/edit/"
    assert 'value="Tea is ready"' in sender.get(address).content.decode()
    page = sender.post(address, edited(broadcast, title="Coffee"), follow=True).content.decode()
    assert "What has not been sent yet is changed" in page
    after = Broadcast.objects.get()
    assert (after.title, after.revision, after.schedule) == ("Coffee", 1, broadcast.schedule)
    assert broadcast.occurrences.filter(pk=skipped.pk, status="skipped").exists(), "the times were left alone"
    sender.post(address, edited(after, **WEEKLY))
    assert Broadcast.objects.get().rule == "FREQ=WEEKLY;BYDAY=MO,FR"
    assert broadcast.audit.filter(act="changed it").count() == 2


def test_who_edits_what_another_has_changed_is_told_so_and_a_mistake_keeps_the_page(sender):
    broadcast = series()
    address = f"{BASE}/{broadcast.pk}/edit/"
    stale = edited(broadcast, title="Juice")
    sender.post(address, edited(broadcast, title="Coffee"))
    assert "Somebody else has changed" in sender.post(address, stale, follow=True).content.decode()
    wrong = edited(Broadcast.objects.get(), when="cron", cron="0 9 31 2 *", title="Juice")
    page = sender.post(address, wrong).content.decode()
    assert "The day of month of this cron rule" in page
    assert 'value="Juice"' in page
    assert Broadcast.objects.get().title == "Coffee"


def test_a_text_can_be_edited_when_the_time_has_passed_and_nothing_is_out(sender):
    make_user()
    broadcast = stored(schedule=at(timezone.now() - DAY))
    sender.post(f"{BASE}/{broadcast.pk}/edit/", edited(broadcast, title="Coffee"))
    assert Broadcast.objects.get().title == "Coffee"
    sender.post(f"{BASE}/{broadcast.pk}/edit/", edited(Broadcast.objects.get(), when="now"))
    send_due()
    assert Broadcast.objects.get().status == "sent"


def test_what_is_sent_has_no_edit_button_and_no_edit(sender):
    broadcast = sent() if make_user() else None
    assert f"{BASE}/{broadcast.pk}/edit/" not in sender.get(f"{BASE}/{broadcast.pk}/change/").content.decode()
    page = sender.post(f"{BASE}/{broadcast.pk}/edit/", edited(broadcast, title="Coffee"), follow=True)
    assert "already being sent or finished" in page.content.decode()


def test_only_who_may_send_sees_a_preview_or_edits_and_only_who_may_steer_skips():
    make_user()
    broadcast = series()
    occurrence = broadcast.occurrences.first().pk
    gets = [f"{BASE}/when/", f"{BASE}/{broadcast.pk}/edit/"]
    posts = [f"{BASE}/{broadcast.pk}/edit/", f"{BASE}/times/{occurrence}/skip/"]
    viewer, nobody, guest = staff("view_broadcast"), staff(), Client()
    for client, status in ((viewer, 403), (nobody, 403), (guest, 302)):
        assert [client.get(address).status_code for address in gets] == [status] * 2
        assert [client.post(address).status_code for address in posts] == [status] * 2
    times = f"{BASE}/{broadcast.pk}/times/"
    assert [client.get(times).status_code for client in (viewer, nobody, guest)] == [200, 403, 302]
    assert "Skip" not in viewer.get(times).content.decode()
    assert not Occurrence.objects.filter(status="skipped").exists()


def test_editing_and_skipping_need_the_csrf_token():
    make_user()
    broadcast = series()
    user = make_user(is_staff=True, is_superuser=True)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    occurrence = broadcast.occurrences.first().pk
    assert client.post(f"{BASE}/{broadcast.pk}/edit/", edited(broadcast)).status_code == 403
    assert client.post(f"{BASE}/times/{occurrence}/skip/").status_code == 403
