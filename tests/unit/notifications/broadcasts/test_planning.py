"""Series have their next occurrences in the table, once each, whatever beats do and however long all was off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from notifications import upkeep
from notifications.audiences import Audience
from notifications.broadcasts import sending
from notifications.broadcasts.planning import TOO_LATE
from notifications.broadcasts.schedule import OWN_ZONE, Repeats, Schedule
from notifications.broadcasts.sending import occurrence_claim_due, occurrence_send
from notifications.broadcasts.steering import broadcast_cancel, broadcast_pause, broadcast_resume
from notifications.errors import TooOften
from notifications.models import (
    AudienceNotification,
    Broadcast,
    Notification,
    Occurrence,
    PreferenceState,
    Share,
)
from tests.support.notices import EVERYBODY, published, send_due, stored, to_people
from tests.support.people import make_user
from tests.support.together import together

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def series(rule: str, audience: Audience = EVERYBODY, **fields) -> Broadcast:
    start = timezone.now().replace(tzinfo=None)
    repeats = Repeats.RRULE if "FREQ" in rule else Repeats.CRON
    return stored(audience, schedule=Schedule(**{"start": start, "repeats": repeats, "rule": rule, **fields}))


def statuses(broadcast: Broadcast) -> list[str]:
    return list(broadcast.occurrences.values_list("status", flat=True))


def first_due(broadcast: Broadcast) -> datetime:
    return broadcast.occurrences.values_list("due_at", flat=True)[0]


def test_a_series_has_its_next_five_in_the_table_and_goes_on():
    make_user()
    broadcast = series("0 * * * *")
    first = first_due(broadcast)
    assert [one - first for one in broadcast.occurrences.values_list("due_at", flat=True)] == [
        number * HOUR for number in range(5)
    ]
    for hour in range(3):
        send_due(first + hour * HOUR - MINUTE)
        assert AudienceNotification.objects.count() == hour
        send_due(first + hour * HOUR)
        assert AudienceNotification.objects.count() == hour + 1
    assert statuses(broadcast) == ["sent"] * 3 + ["scheduled"] * 5
    broadcast.refresh_from_db()
    assert broadcast.status == "scheduled"
    assert [event["item"]["title"] for event in published("audience:all")] == ["Tea is ready"] * 3


def test_named_people_get_a_line_for_each_time():
    ada = make_user()
    broadcast = series("FREQ=DAILY", to_people(ada), times=3)
    first = first_due(broadcast)
    send_due(first)
    send_due(first)
    assert Notification.objects.filter(recipient=ada).count() == 1
    send_due(first + DAY)
    assert Notification.objects.filter(recipient=ada).count() == 2


def test_a_series_that_is_over_is_sent():
    make_user()
    broadcast = series("0 * * * *", times=2)
    first = first_due(broadcast)
    assert broadcast.occurrences.count() == 2
    send_due(first)
    assert Broadcast.objects.get().status == "scheduled"
    send_due(first + HOUR)
    ended = Broadcast.objects.get()
    assert (ended.status, ended.plan_at) == ("sent", None)
    assert published(f"broadcast:{ended.pk}")[-1]["status"] == "sent"
    send_due(first + 9 * HOUR)
    assert statuses(broadcast) == ["sent", "sent"]


def test_of_many_beats_one_plans_and_one_claims():
    make_user()
    broadcast = series("0 * * * *")
    due = first_due(broadcast) + 2 * HOUR
    claims = together(5, lambda: occurrence_claim_due(now=due))
    assert sum(map(len, claims)) == 1
    assert statuses(broadcast) == ["skipped", "skipped", "sending"] + ["scheduled"] * 5
    times = list(broadcast.occurrences.values_list("local_time", flat=True))
    assert len(set(times)) == len(times)


@pytest.mark.parametrize("off", [3 * HOUR + 10 * MINUTE, 9 * DAY + 30 * MINUTE])
def test_after_a_time_switched_off_the_latest_is_sent_and_older_ones_are_skipped(off):
    make_user()
    broadcast = series("0 * * * *")
    back = first_due(broadcast) + off
    for _ in range(9):
        send_due(back)
    missed = off // HOUR
    assert statuses(broadcast) == ["skipped"] * missed + ["sent"] + ["scheduled"] * 5
    (row,) = AudienceNotification.objects.all()
    assert back - row.occurrence.due_at < HOUR
    assert broadcast.occurrences.first().error == TOO_LATE
    assert Broadcast.objects.get().status == "scheduled"


def test_what_is_too_late_is_skipped_even_if_it_is_the_latest():
    make_user()
    broadcast = series("FREQ=DAILY")
    send_due(first_due(broadcast) + 2 * DAY + 5 * HOUR)
    assert statuses(broadcast) == ["skipped"] * 3 + ["scheduled"] * 5
    assert not AudienceNotification.objects.exists()


def test_what_happens_once_is_never_too_late():
    make_user()
    broadcast = stored(schedule=Schedule(start=datetime.now(UTC).replace(tzinfo=None) + HOUR))
    send_due(timezone.now() + 30 * DAY)
    assert statuses(broadcast) == ["sent"]


def test_claims_that_no_worker_took_up_are_skipped_when_the_next_is_due():
    make_user()
    broadcast = series("0 * * * *")
    first = first_due(broadcast)
    (lost,) = occurrence_claim_due(now=first)
    (later,) = occurrence_claim_due(now=first + HOUR)
    occurrence_send(lost)
    assert not AudienceNotification.objects.exists()
    occurrence_send(later)
    assert statuses(broadcast)[:2] == ["skipped", "sent"]


def test_one_that_had_begun_goes_on_when_the_next_is_due(settings):
    settings.NOTIFICATIONS = {"chunk_recipients": 1}
    people = [make_user(), make_user(), make_user()]
    broadcast = series("0 * * * *", to_people(*people))
    first = first_due(broadcast)
    (claim,) = occurrence_claim_due(now=first)
    assert sending._begin(claim)
    assert sending._send_chunk(claim, reporting=True) is not None
    send_due(first + HOUR)
    assert statuses(broadcast)[:2] == ["sent", "sent"]
    assert Notification.objects.count() == 6


def test_a_paused_series_sends_the_latest_when_it_goes_on():
    make_user()
    broadcast = series("0 * * * *")
    first = first_due(broadcast)
    broadcast_pause(broadcast.pk)
    send_due(first + 2 * HOUR)
    assert not AudienceNotification.objects.exists()
    broadcast_resume(broadcast.pk)
    send_due(first + 2 * HOUR + MINUTE)
    assert statuses(broadcast)[:3] == ["skipped", "skipped", "sent"]


def test_a_cancelled_series_has_no_more():
    make_user()
    broadcast = series("0 * * * *")
    first = first_due(broadcast)
    send_due(first)
    broadcast_cancel(broadcast.pk)
    broadcast_cancel(broadcast.pk)
    send_due(first + 9 * HOUR)
    assert statuses(broadcast) == ["sent"] + ["cancelled"] * 5
    assert Broadcast.objects.get().status == "cancelled"


def test_times_of_a_series_are_kept_for_a_year():
    make_user()
    broadcast = series("0 * * * *")
    first = first_due(broadcast)
    for hour in range(2):
        send_due(first + hour * HOUR)
    once = stored()
    send_due()
    old = broadcast.occurrences.filter(pk=broadcast.occurrences.first().pk) | once.occurrences.all()
    Occurrence.objects.filter(pk__in=old).update(finished_at=timezone.now() - 367 * DAY)
    upkeep.retain()
    assert statuses(broadcast) == ["sent"] + ["scheduled"] * 5
    assert statuses(once) == ["sent"]


def test_a_rule_that_no_form_would_let_through_is_refused():
    make_user()
    with pytest.raises(TooOften):
        series("* * * * *")
    assert not Broadcast.objects.exists()


def test_a_tick_without_work_costs_four_queries_whatever_there_is():
    make_user()
    for _ in range(3):
        series("0 * * * *")
    with CaptureQueriesContext(connection) as queries:
        assert occurrence_claim_due() == []
    assert len(queries) == 4


# ---- each recipient's own zone


HOMES = {
    "kathmandu": "Asia/Kathmandu",
    "berlin": "Europe/Berlin",
    "paris": "Europe/Paris",
    "newyork": "America/New_York",
    "stjohns": "America/St_Johns",
}


@pytest.fixture
def homes(db: None) -> dict[str, int]:
    """A user for each home, by its name."""
    users = {name: make_user(f"{name}-1").pk for name in HOMES}
    for name, zone in HOMES.items():
        PreferenceState.objects.create(user_id=users[name], time_zone=zone)
    return users


def everywhere(rule: str = "", audience: Audience = EVERYBODY, **fields) -> Broadcast:
    if rule:
        return series(rule, audience, zone=OWN_ZONE, **fields)
    return stored(audience, schedule=Schedule(start=datetime(2027, 7, 1, 9), zone=OWN_ZONE))


def holders() -> set[int]:
    return set(Notification.objects.values_list("recipient_id", flat=True))


def test_each_person_gets_it_when_it_is_that_time_where_they_live(homes):
    broadcast = everywhere()
    assert first_due(broadcast) == datetime(2027, 6, 30, 18, tzinfo=UTC), (
        "an hour before it is nine somewhere"
    )
    send_due(datetime(2027, 6, 30, 18, tzinfo=UTC))
    assert list(broadcast.occurrences.values_list("zone", "due_at__hour", "due_at__minute", "total")) == [
        ("UTC+05:45", 3, 15, 1),
        ("UTC+02:00", 7, 0, 2),
        ("UTC-02:30", 11, 30, 1),
        ("UTC-04:00", 13, 0, 1),
    ]
    got: set[int] = set()
    for hour, minute, names in ((3, 15, {"kathmandu"}), (7, 0, {"berlin", "paris"}), (11, 30, {"stjohns"})):
        moment = datetime(2027, 7, 1, hour, minute, tzinfo=UTC)
        send_due(moment - MINUTE)
        assert holders() & set(homes.values()) == got
        send_due(moment)
        got |= {homes[name] for name in names}
        assert holders() & set(homes.values()) == got
    assert Broadcast.objects.get().status in {"sending", "scheduled"}
    send_due(datetime(2027, 7, 1, 13, tzinfo=UTC))
    assert set(homes.values()) <= holders()
    assert Notification.objects.count() == len(holders())
    assert Broadcast.objects.get().status == "sent"
    assert not Share.objects.exists()


def test_a_group_everywhere_leaves_out_who_has_left_or_is_switched_off_meanwhile(homes):
    group = Group.objects.create(name="kitchen")
    group.user_set.set(homes.values())
    broadcast = everywhere(audience=Audience(kind="group", key=group.pk))
    send_due(first_due(broadcast))
    group.user_set.remove(homes["paris"])
    User.objects.filter(pk=homes["newyork"]).update(is_active=False)
    group.user_set.add(make_user("late-1"))
    send_due(datetime(2027, 7, 2, tzinfo=UTC))
    assert holders() == {homes[name] for name in ("kathmandu", "berlin", "stjohns")}
    assert not published(f"audience:group:{group.pk}")


def test_a_sender_that_dies_between_shares_leaves_the_rest_to_the_next(homes, settings):
    settings.NOTIFICATIONS = {"chunk_recipients": 1}
    broadcast = everywhere()
    send_due(first_due(broadcast))
    due = datetime(2027, 7, 1, 7, tzinfo=UTC)
    claims = occurrence_claim_due(now=due)
    dead = claims[-1]
    assert sending._begin(dead)
    assert sending._send_chunk(dead, reporting=True) is not None
    send_due(due + MINUTE)
    occurrence_send(dead)
    assert holders() == {homes[name] for name in ("kathmandu", "berlin", "paris")}
    assert Notification.objects.count() == 3


def test_the_spreading_is_done_once_however_many_try(homes):
    broadcast = everywhere()
    (claim,) = occurrence_claim_due(now=first_due(broadcast))
    together(3, lambda: occurrence_send(claim))
    assert broadcast.occurrences.count() == 4
    assert Share.objects.count() == 4


def test_who_moves_while_it_goes_round_gets_it_once(homes):
    broadcast = everywhere()
    send_due(first_due(broadcast))
    send_due(datetime(2027, 7, 1, 7, tzinfo=UTC))
    PreferenceState.objects.update(time_zone="Pacific/Chatham")
    send_due(datetime(2027, 7, 2, tzinfo=UTC))
    assert holders() == set(homes.values())
    assert Notification.objects.count() == len(homes)


def test_a_series_everywhere_comes_again_and_what_was_missed_is_skipped_zone_by_zone(homes):
    broadcast = everywhere("0 9 * * *")
    first = broadcast.occurrences.first()
    nine = datetime.fromisoformat(first.local_time).replace(tzinfo=UTC)
    send_due(first.due_at)
    # Back when it is nine in Newfoundland, more than four hours after Kathmandu and Berlin.
    back = nine + 3.5 * HOUR
    send_due(back)
    send_due(back + 2 * HOUR)
    for occurrence in broadcast.occurrences.filter(local_time=first.local_time):
        assert occurrence.status == ("sent" if "-" in occurrence.zone else "skipped")
    assert homes["kathmandu"] not in holders()
    send_due(first.due_at + DAY)
    send_due(nine + DAY - 5.75 * HOUR)
    assert homes["kathmandu"] in holders()
    assert Broadcast.objects.get().status == "scheduled"


def test_nobody_left_is_an_occurrence_of_nobody(homes):
    group = Group.objects.create(name="kitchen")
    group.user_set.set(homes.values())
    broadcast = everywhere(audience=Audience(kind="group", key=group.pk))
    group.user_set.clear()
    send_due(first_due(broadcast))
    assert list(broadcast.occurrences.values_list("status", "total")) == [("sent", 0)]
    assert Broadcast.objects.get().status == "sent"
