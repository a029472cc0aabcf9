"""What has not been sent can be edited and skipped; what has been is as it was, whoever is quicker."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from notifications.broadcasts import sending
from notifications.broadcasts.schedule import OWN_ZONE, Repeats, Schedule
from notifications.broadcasts.sending import occurrence_claim_due, occurrence_send
from notifications.broadcasts.steering import broadcast_cancel, broadcast_pause, occurrence_skip
from notifications.broadcasts.writing import Edit, broadcast_edit
from notifications.errors import (
    AlreadySent,
    BroadcastInvalid,
    BroadcastNotFound,
    EditedMeanwhile,
    NotRecurring,
    OccurrenceNotFound,
    TimeInThePast,
)
from notifications.models import AudienceNotification, Broadcast, Notification, Occurrence
from tests.support.notices import at, only_occurrence, send_due, sent, stored, to_people
from tests.support.people import make_user
from tests.support.together import all_together, together

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def ada(db: None):
    return make_user()


def hourly(**fields) -> Broadcast:
    start = timezone.now().replace(tzinfo=None)
    return stored(schedule=Schedule(start=start, repeats=Repeats.CRON, rule="0 * * * *"), **fields)


def edit(
    broadcast: Broadcast, *, revision: int = 0, schedule: Schedule | None = None, **words: str
) -> Broadcast:
    said = {name: getattr(broadcast, name) for name in ("title", "text", "level", "link")} | words
    return broadcast_edit(broadcast.pk, Edit(revision=revision, schedule=schedule, **said))


def titles() -> list[str]:
    return list(AudienceNotification.objects.order_by("pk").values_list("title", flat=True))


def test_what_is_scheduled_says_what_it_was_edited_to():
    broadcast = stored(schedule=at(timezone.now() + HOUR))
    edited = edit(broadcast, title="Coffee is ready")
    assert (edited.title, edited.revision) == ("Coffee is ready", 1)
    send_due(timezone.now() + HOUR)
    assert titles() == ["Coffee is ready"]


def test_of_a_series_only_what_is_still_to_come_says_something_else():
    broadcast = hourly()
    first = broadcast.occurrences.first()
    send_due(first.due_at)
    edit(broadcast, title="Coffee is ready")
    send_due(first.due_at + HOUR)
    assert titles() == ["Tea is ready", "Coffee is ready"]
    assert list(broadcast.occurrences.values_list("title", flat=True)[:3]) == [*titles(), ""]


def test_another_time_replaces_those_to_come():
    broadcast = hourly()
    first = broadcast.occurrences.first()
    send_due(first.due_at)
    daily = Schedule(
        start=datetime(2026, 1, 1, 7, 30), zone="Asia/Tokyo", repeats=Repeats.RRULE, rule="FREQ=DAILY"
    )
    edit(broadcast, schedule=daily)
    waiting = broadcast.occurrences.filter(status="scheduled")
    assert {one.local_time[11:] for one in waiting} == {"07:30:00"}
    assert waiting.count() == 5
    assert broadcast.occurrences.count() == 6
    assert only_skipped_or_sent(broadcast) == {"sent": 1}


def only_skipped_or_sent(broadcast: Broadcast) -> dict[str, int]:
    ended = broadcast.occurrences.exclude(status="scheduled").values_list("status", flat=True)
    return {status: list(ended).count(status) for status in set(ended)}


def test_a_single_time_becomes_a_series_and_a_series_a_single_time():
    broadcast = stored(schedule=at(timezone.now() + HOUR))
    series = Schedule(start=datetime(2026, 1, 1), repeats=Repeats.CRON, rule="0 9 * * *")
    edit(broadcast, schedule=series)
    assert broadcast.occurrences.count() == 5
    occurrence_skip(broadcast.occurrences.first().pk)
    once = Schedule(start=(timezone.now() + 2 * HOUR).replace(tzinfo=None, microsecond=0))
    edited = edit(broadcast, revision=1, schedule=once)
    assert only_occurrence(edited).local_time == once.start.isoformat()
    assert edited.plan_at is None
    send_due(timezone.now() + 30 * DAY)
    assert len(titles()) == 1


def test_the_same_edit_again_changes_nothing_and_another_one_has_to_look_first():
    broadcast = hourly()
    edit(broadcast, title="Coffee")
    assert edit(broadcast, title="Coffee").revision == 1
    with pytest.raises(EditedMeanwhile):
        edit(broadcast, title="Juice")
    assert edit(broadcast, revision=1, title="Juice").revision == 2


def test_of_two_administrators_who_edit_at_once_one_has_to_look_again():
    broadcast = hourly()

    def change(title: str):
        def run() -> str:
            try:
                return edit(broadcast, title=title).title
            except EditedMeanwhile:
                return "looks again"

        return run

    results = all_together([change("Coffee"), change("Juice")])
    assert sorted(results)[-1] == "looks again"
    assert Broadcast.objects.get().title in results


def test_what_cannot_be_stored_is_refused_and_nothing_changes():
    broadcast = hourly()
    for wrong in ({"title": ""}, {"link": "javascript:x"}, {"level": "panic"}, {"text": "a" * 4001}):
        with pytest.raises(BroadcastInvalid):
            edit(broadcast, **wrong)
    with pytest.raises(TimeInThePast):
        edit(broadcast, schedule=Schedule(start=datetime(2020, 1, 1)))
    after = Broadcast.objects.get()
    assert (after.title, after.revision, after.rule) == ("Tea is ready", 0, "0 * * * *")
    assert broadcast.occurrences.filter(status="scheduled").count() == 5


def test_what_is_over_is_not_edited():
    with pytest.raises(AlreadySent):
        edit(sent(), title="Coffee")
    cancelled = broadcast_cancel(hourly().pk)
    with pytest.raises(AlreadySent):
        edit(cancelled, title="Coffee")
    with pytest.raises(BroadcastNotFound):
        broadcast_edit(999, Edit(revision=0, title="x", text="", level="info", link=""))


def test_a_paused_one_can_be_edited_and_stays_paused():
    broadcast = broadcast_pause(hourly().pk)
    assert edit(broadcast, title="Coffee").status == "paused"


def test_an_edit_that_finds_it_claimed_and_nothing_sent_is_in_time():
    broadcast = stored()
    (claim,) = occurrence_claim_due()
    edit(broadcast, title="Coffee")
    occurrence_send(claim)
    assert titles() == ["Coffee"]


def test_a_time_moved_away_from_under_a_claim_is_kept():
    broadcast = stored()
    (claim,) = occurrence_claim_due()
    edit(broadcast, schedule=at(timezone.now() + HOUR))
    occurrence_send(claim)
    assert titles() == []
    send_due(timezone.now() + 2 * HOUR)
    assert titles() == ["Tea is ready"]


def test_in_the_middle_of_the_sending_an_edit_comes_too_late(settings):
    settings.NOTIFICATIONS = {"chunk_recipients": 1}
    broadcast = stored(to_people(make_user(), make_user()))
    (claim,) = occurrence_claim_due()
    assert sending._begin(claim)
    assert sending._send_chunk(claim, reporting=True) is not None
    with pytest.raises(AlreadySent):
        edit(broadcast, title="Coffee")
    occurrence_send(claim)
    assert set(Notification.objects.values_list("title", flat=True)) == {"Tea is ready"}


@pytest.mark.parametrize("number", range(4))
def test_an_edit_beside_ticks_and_workers_is_whole_or_too_late(settings, number):
    settings.NOTIFICATIONS = {"chunk_recipients": 1}
    people = [make_user() for _ in range(4)]
    broadcast = stored(to_people(*people))

    def change() -> str:
        try:
            return edit(broadcast, title="Coffee").title
        except AlreadySent:
            return "Tea is ready"

    said, *_ = all_together([change, send_due, send_due])
    send_due(timezone.now() + MINUTE)
    lines = list(Notification.objects.values_list("recipient_id", "title"))
    assert sorted(lines) == sorted((user.pk, said) for user in people)


def test_one_time_of_a_series_is_skipped_and_another_takes_its_place_in_the_table():
    broadcast = hourly()
    first, second = broadcast.occurrences.all()[:2]
    assert occurrence_skip(first.pk).status == "skipped"
    assert occurrence_skip(first.pk).status == "skipped"
    assert broadcast.occurrences.filter(status="scheduled").count() == 5
    send_due(first.due_at)
    assert titles() == []
    send_due(second.due_at)
    assert titles() == ["Tea is ready"]
    with pytest.raises(AlreadySent):
        occurrence_skip(second.pk)


def test_a_skip_pressed_by_many_at_once_skips_one():
    broadcast = hourly()
    first = broadcast.occurrences.first()
    assert together(4, lambda: occurrence_skip(first.pk).status) == ["skipped"] * 4
    assert broadcast.occurrences.filter(status="skipped").count() == 1


def test_the_last_time_of_a_series_skipped_ends_it():
    start = timezone.now().replace(tzinfo=None)
    schedule = Schedule(start=start, repeats=Repeats.CRON, rule="0 * * * *", times=1)
    broadcast = stored(schedule=schedule)
    occurrence_skip(only_occurrence(broadcast).pk)
    assert Broadcast.objects.get().status == "sent"


def test_what_happens_once_is_not_skipped():
    with pytest.raises(NotRecurring):
        occurrence_skip(only_occurrence(stored(schedule=at(timezone.now() + HOUR))).pk)
    with pytest.raises(OccurrenceNotFound):
        occurrence_skip(999)


def test_everywhere_what_has_begun_in_some_zone_keeps_its_time_and_a_skip_is_for_the_other_zones():
    start = timezone.now().replace(tzinfo=None)
    schedule = Schedule(start=start, zone=OWN_ZONE, repeats=Repeats.CRON, rule="0 9 * * *")
    broadcast = stored(schedule=schedule)
    first = broadcast.occurrences.first()

    def somewhere(zone: str, **state: str) -> Occurrence:
        return broadcast.occurrences.create(
            local_time=first.local_time, zone=zone, due_at=timezone.now(), **state
        )

    east, west = somewhere("UTC+12:00", status="sent", title="Tea"), somewhere("UTC-11:00")
    first.delete()
    at_ten = Schedule(start=start, zone=OWN_ZONE, repeats=Repeats.CRON, rule="0 10 * * *")
    edit(broadcast, schedule=at_ten)
    assert set(broadcast.occurrences.filter(pk__in=[east.pk, west.pk])) == {east, west}
    assert {one.local_time[11:13] for one in broadcast.occurrences.exclude(pk__in=[east.pk, west.pk])} == {
        "10"
    }
    occurrence_skip(west.pk)
    assert set(broadcast.occurrences.filter(local_time=east.local_time).values_list("status", flat=True)) == {
        "sent",
        "skipped",
    }
    assert datetime.now(UTC) < broadcast.occurrences.filter(status="scheduled").last().due_at
