"""Beat: ticks on time, rows once however many beats there are, mended when bent, and neither needs the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import redis
from celery import current_app
from celery.schedules import schedule
from django.db import DatabaseError
from django.utils import timezone
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask

from realtime.workers import periodic
from realtime.workers.beat import DATABASE_PAUSE_S, Beat, Ticker
from realtime.workers.clock import DatabaseClock
from tests.support.services import Services

# Beat gives its connection back between passes, as it could not inside the transaction of a test.
pytestmark = pytest.mark.django_db(transaction=True)

HOURLY = {
    "task": "realtime.log.tasks.retain",
    "schedule": 3600.0,
    "options": {"expires": 3000},
}


class Queues:
    """How many messages wait in each queue."""

    def __init__(self, services: Services) -> None:
        self._redis = redis.Redis(unix_socket_path=str(services.redis.socket), db=1)

    def __getitem__(self, queue: str) -> int:
        return int(self._redis.llen(f"carillon:{queue}"))

    def close(self) -> None:
        self._redis.close()


class Time:
    """A monotonic clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def queues(services: Services) -> Iterator[Queues]:
    queues = Queues(services)
    yield queues
    queues.close()


@pytest.fixture
def declared(settings: Any) -> dict[str, Any]:
    settings.CELERY_BEAT_SCHEDULE = {
        "tick": {"task": "notifications.tasks.tick", "schedule": 1.0, "options": {"expires": 5}},
        "hourly": HOURLY,
    }
    return settings.CELERY_BEAT_SCHEDULE


@pytest.fixture
def new_beat(declared: dict[str, Any]) -> Iterator[Any]:
    beats = []

    def make(time: Time | None = None) -> Beat:
        beats.append(Beat(app=current_app, monotonic=time or Time()))
        return beats[-1]

    yield make
    for beat in beats:
        beat.close()


def overdue(name: str = "hourly") -> PeriodicTask:
    """The row, as if it had last run two hours ago."""
    PeriodicTask.objects.filter(name=name).update(last_run_at=timezone.now() - timedelta(hours=2))
    return PeriodicTask.objects.get(name=name)


def test_a_tick_comes_once_in_its_interval_and_is_not_made_up_for() -> None:
    ticker = Ticker([periodic.Declared("tick", "task", schedule(1.0), {})])
    assert len(ticker.take_due(100.0)) == 1
    assert ticker.take_due(100.4) == []
    assert ticker.wait_s(100.4, 5.0) == pytest.approx(0.1)
    assert [len(ticker.take_due(second)) for second in (101.0, 102.0, 103.0)] == [1, 1, 1]
    assert [len(ticker.take_due(second)) for second in (200.0, 200.1, 200.2)] == [1, 0, 0]


def test_ticks_are_sent_each_second_and_are_no_rows(new_beat: Any, queues: Queues) -> None:
    time = Time()
    beat = new_beat(time)
    for second in range(3):
        time.now_s = 1000.0 + second
        assert 0 < beat.tick() <= 1.0
    assert queues["urgent"] == 3
    assert set(PeriodicTask.objects.values_list("name", flat=True)) == {"hourly"}


def test_a_declared_row_is_made_once_and_can_be_rescheduled(new_beat: Any) -> None:
    new_beat().tick()
    row = PeriodicTask.objects.get()
    assert (row.task, row.interval.every, row.interval.period, row.expire_seconds) == (
        "realtime.log.tasks.retain",
        1,
        "hours",
        3000,
    )
    row.interval, row.crontab = None, CrontabSchedule.objects.create(minute="30", hour="3")
    row.save()
    new_beat().tick()
    assert PeriodicTask.objects.get().crontab.hour == "3"


def test_a_declared_row_that_was_deleted_or_bent_is_as_declared_at_the_next_pass(new_beat: Any) -> None:
    beat = new_beat()
    beat.tick()
    PeriodicTask.objects.all()[0].delete()
    beat.tick()
    row = PeriodicTask.objects.get(name="hourly")
    row.task, row.args, row.queue, row.one_off = "celery.ping", "[1]", "nowhere", True
    row.save()
    beat.tick()
    row.refresh_from_db()
    assert (row.task, row.args, row.queue, row.one_off) == ("realtime.log.tasks.retain", "[]", None, False)


def test_a_declared_row_without_a_schedule_gets_its_own_again(new_beat: Any) -> None:
    beat = new_beat()
    beat.tick()
    IntervalSchedule.objects.all().delete()  # takes its rows along
    beat.tick()
    assert PeriodicTask.objects.get().interval.every == 1


def test_a_row_runs_when_it_is_due_and_only_then(new_beat: Any, queues: Queues) -> None:
    beat = new_beat()
    beat.tick()
    assert queues["bulk"] == 0
    overdue()
    new_beat().tick()
    assert queues["bulk"] == 1
    row = PeriodicTask.objects.get()
    assert row.total_run_count == 1
    assert abs(row.last_run_at - timezone.now()) < timedelta(seconds=30)


def test_of_two_beats_one_runs_a_row(new_beat: Any, queues: Queues) -> None:
    new_beat().tick()
    overdue()
    beats = [new_beat(), new_beat()]
    assert all("hourly" in beat.schedule for beat in beats), "both have read the row as it was"
    for beat in beats:
        beat.tick()
    assert queues["bulk"] == 1
    assert PeriodicTask.objects.get().total_run_count == 1


def test_a_run_that_cannot_be_sent_is_due_again(
    new_beat: Any, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_beat().tick()
    before = overdue()
    beat = new_beat()
    send = beat._send
    monkeypatch.setattr(beat, "_send", lambda entry: entry.name == "tick")
    beat.tick()
    row = PeriodicTask.objects.get()
    assert (row.last_run_at, row.total_run_count) == (before.last_run_at, 0)
    monkeypatch.setattr(beat, "_send", send)
    beat.tick()
    assert queues["bulk"] == 1


def test_without_a_broker_rows_are_left_alone(new_beat: Any, services: Services) -> None:
    beat = new_beat()
    beat.tick()
    before = overdue()
    beat = new_beat()
    assert beat.producer.connection.connected, "as a beat is that ran before"
    services.redis.kill()
    try:
        beat.tick()
    finally:
        services.redis.start()
    assert PeriodicTask.objects.get().last_run_at == before.last_run_at


def test_without_a_database_ticks_go_on_and_rows_come_later(
    new_beat: Any, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time()
    beat = new_beat(time)

    def fail() -> None:
        raise DatabaseError("the server is away")

    with monkeypatch.context() as broken:
        broken.setattr(periodic, "ensure_rows", fail)
        for second in range(3):
            time.now_s = 1000.0 + second
            beat.tick()
    assert queues["urgent"] == 3
    assert not PeriodicTask.objects.exists()
    time.now_s += DATABASE_PAUSE_S
    beat.tick()
    assert PeriodicTask.objects.exists()


def test_a_row_that_makes_no_sense_does_not_stop_the_others(new_beat: Any, queues: Queues) -> None:
    new_beat().tick()
    every = IntervalSchedule.objects.get()
    broken = PeriodicTask.objects.create(name="broken", task="x", interval=every)
    PeriodicTask.objects.filter(pk=broken.pk).update(headers="no json", interval=None)
    overdue()
    new_beat().tick()
    assert queues["bulk"] == 1


def test_a_row_that_ran_in_the_future_counts_from_now(new_beat: Any, queues: Queues) -> None:
    new_beat().tick()
    PeriodicTask.objects.update(last_run_at=timezone.now() + timedelta(days=2))
    new_beat().tick()
    assert queues["bulk"] == 0
    assert abs(PeriodicTask.objects.get().last_run_at - timezone.now()) < timedelta(seconds=30)


def test_a_beat_whose_clock_was_wrong_asks_the_database_before_it_runs_a_row(
    new_beat: Any, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat = new_beat()
    beat.tick()
    row = PeriodicTask.objects.get()
    PeriodicTask.objects.update(last_run_at=timezone.now())
    beat = new_beat()
    beat.tick()
    beat._clock._read = datetime.now(UTC) + timedelta(hours=3)
    beat.tick()
    assert queues["bulk"] == 0
    row.refresh_from_db()
    assert row.total_run_count == 0


def test_what_runs_once_runs_once_in_any_number_of_beats(new_beat: Any, queues: Queues) -> None:
    past = ClockedSchedule.objects.create(clocked_time=timezone.now() - timedelta(minutes=1))
    PeriodicTask.objects.create(name="once", task="accounts.tasks.purge", clocked=past, one_off=True)
    beats = [new_beat(), new_beat()]
    for _ in range(2):
        for beat in beats:
            beat.tick()
    assert queues["bulk"] == 1
    assert not PeriodicTask.objects.get(name="once").enabled


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham"])
def test_a_crontab_goes_by_its_own_zone_also_by_half_hours(new_beat: Any, queues: Queues, zone: str) -> None:
    then = (datetime.now(UTC) - timedelta(minutes=2)).astimezone(ZoneInfo(zone))
    crontab = CrontabSchedule.objects.create(minute=str(then.minute), hour=str(then.hour), timezone=zone)
    task = PeriodicTask.objects.create(name="local", task="accounts.tasks.purge", crontab=crontab)
    PeriodicTask.objects.filter(pk=task.pk).update(last_run_at=timezone.now() - timedelta(hours=1))
    beat = new_beat()
    beat.tick()
    beat.tick()
    assert queues["bulk"] == 1


def test_the_clock_carries_the_databases_time_on() -> None:
    clock = DatabaseClock()
    assert abs(clock.now() - timezone.now()) < timedelta(seconds=2)
    first = clock.now()
    assert clock.now() >= first
