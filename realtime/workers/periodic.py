"""What runs from time to time: ticks, which beat keeps to itself, and rows that an administrator may reschedule.

`CELERY_BEAT_SCHEDULE` declares both. Of a declared row an administrator decides when it runs and whether; which task it
is, and that there is one, is repaired by every beat.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery import schedules
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Model
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

# What is due more often than this is a tick.
LONGEST_TICK = timedelta(minutes=1)
UNITS = (
    (IntervalSchedule.DAYS, 86_400),
    (IntervalSchedule.HOURS, 3600),
    (IntervalSchedule.MINUTES, 60),
    (IntervalSchedule.SECONDS, 1),
)


@dataclass(frozen=True, slots=True)
class Declared:
    """One entry of `CELERY_BEAT_SCHEDULE`. `options` are those of `apply_async`; of rows only `expires`, in seconds."""

    name: str
    task: str
    schedule: schedules.BaseSchedule
    options: dict[str, Any]

    @property
    def is_tick(self) -> bool:
        every = getattr(self.schedule, "run_every", None)
        return every is not None and every < LONGEST_TICK


def declared() -> list[Declared]:
    entries: dict[str, dict[str, Any]] = settings.CELERY_BEAT_SCHEDULE
    return [
        Declared(
            name,
            entry["task"],
            schedules.maybe_schedule(entry["schedule"]),
            dict(entry.get("options") or {}),
        )
        for name, entry in entries.items()
    ]


def ticks() -> list[Declared]:
    return [one for one in declared() if one.is_tick]


def rows() -> list[Declared]:
    return [one for one in declared() if not one.is_tick]


def is_declared(name: str) -> bool:
    """Whether a row of that name belongs to the installation, not to its administrator."""
    return any(one.name == name for one in rows())


def ensure_rows() -> list[str]:
    """Makes the rows that are missing and mends those that were bent; their names. Again is safe, in any beat."""
    wanted = rows()
    found = {row.name: row for row in PeriodicTask.objects.filter(name__in=[one.name for one in wanted])}
    return [one.name for one in wanted if _ensure(one, found.get(one.name))]


def disabled_rows() -> list[str]:
    """Declared rows that somebody switched off."""
    names = [one.name for one in rows()]
    return list(
        PeriodicTask.objects.filter(name__in=names, enabled=False)
        .order_by("name")
        .values_list("name", flat=True)
    )


def _ensure(one: Declared, row: PeriodicTask | None) -> bool:
    fixed = {
        "task": one.task,
        "args": "[]",
        "kwargs": "{}",
        "queue": None,
        "exchange": None,
        "routing_key": None,
        "one_off": False,
        "expires": None,
        "expire_seconds": one.options.get("expires"),
    }
    if row is None:
        return _create(one, fixed)
    bent = {name: value for name, value in fixed.items() if (getattr(row, name) or None) != (value or None)}
    if row.scheduler is None:
        bent |= _schedule(one)
    for name, value in bent.items():
        setattr(row, name, value)
    if bent:
        row.save()
    return bool(bent)


def _create(one: Declared, fixed: dict[str, Any]) -> bool:
    try:
        with transaction.atomic():
            PeriodicTask.objects.create(name=one.name, description="", **fixed, **_schedule(one))
    except IntegrityError:  # another beat was quicker
        return False
    return True


def _schedule(one: Declared) -> dict[str, Model]:
    """The schedule as a row of its table, under the name of `PeriodicTask`'s field."""
    if isinstance(one.schedule, schedules.crontab):
        crontab = CrontabSchedule.from_schedule(one.schedule)
        crontab.save()
        return {"crontab": crontab}
    seconds = round(one.schedule.run_every.total_seconds())
    period, unit_s = next((name, unit_s) for name, unit_s in UNITS if seconds % unit_s == 0)
    every = {"every": seconds // unit_s, "period": period}
    return {
        "interval": IntervalSchedule.objects.filter(**every).first()
        or IntervalSchedule.objects.create(**every)
    }
