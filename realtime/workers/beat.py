"""Beat: ticks from memory, once a second whatever happens to the database, and rows that the admin may edit.

Any number of beats may run. A tick twice is harmless, because due work is claimed in its own table. A row is claimed
in the database, by the time of the database, and then sent: one beat sends it. A beat that is killed between the two
leaves that one run out; the next comes when it is due. What was missed while no beat ran is run once.

Of django-celery-beat this uses the tables, the admin and how a row becomes a schedule. Its own loop writes to the
database at each run, runs a row once in every beat, follows this machine's clock, and ends where the database is away.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from celery.beat import ScheduleEntry, SchedulingError
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.db.models import F
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

from realtime.database import bound_waits
from realtime.workers import periodic
from realtime.workers.clock import DatabaseClock

logger = logging.getLogger("celery.beat")

# How long beat leaves the rows alone after the database failed; ticks go on.
DATABASE_PAUSE_S = 5.0
# A row that last ran later than now: the database's clock was set back.
LONGEST_FUTURE = timedelta(minutes=1)


class Ticker:
    """Which ticks are due, by the monotonic clock. One that comes late does not make up for those it missed."""

    def __init__(self, ticks: list[periodic.Declared]) -> None:
        self._ticks = ticks
        self._due_at = dict.fromkeys((one.name for one in ticks), 0.0)

    def take_due(self, now_s: float) -> list[periodic.Declared]:
        due = [one for one in self._ticks if self._due_at[one.name] <= now_s]
        for one in due:
            every_s = one.schedule.run_every.total_seconds()
            self._due_at[one.name] = max(self._due_at[one.name] + every_s, now_s + every_s / 2)
        return due

    def wait_s(self, now_s: float, longest_s: float) -> float:
        """Until the next one is due."""
        return max(0.0, min([longest_s, *(at - now_s for at in self._due_at.values())]))


class Row(ModelEntry):  # type: ignore[misc]
    """A periodic task of the database, that goes by the database's clock."""

    def __init__(self, model: PeriodicTask, app: Any, clock: DatabaseClock) -> None:
        # As stored: a claim compares it, and the parent puts something else where there is none.
        self.stored_last_run = model.last_run_at
        self._clock = clock
        super().__init__(model, app=app)
        zone = getattr(self.schedule, "tz", None)
        self.schedule.nowfun = lambda: clock.now() if zone is None else clock.now().astimezone(zone)

    def _default_now(self) -> Any:
        return self._clock.now()

    def claim(self, at: datetime) -> bool:
        """Take this run for this beat; False where another one has it, or the row was switched off meanwhile."""
        return self._last_ran(at, instead_of=self.stored_last_run, runs=1)

    def give_back(self, claimed_at: datetime) -> None:
        """The run could not be sent: it is due again."""
        self._last_ran(self.stored_last_run, instead_of=claimed_at, runs=-1)

    def forget_future(self, now: datetime) -> None:
        """It cannot have run later than now: count from now."""
        self._last_ran(now, instead_of=self.stored_last_run, runs=0)

    def _last_ran(self, at: datetime | None, *, instead_of: datetime | None, runs: int) -> bool:
        # Not `save()`: that makes every beat read all rows again.
        same = PeriodicTask.objects.filter(pk=self.model.pk, enabled=True, last_run_at=instead_of)
        return bool(same.update(last_run_at=at, total_run_count=F("total_run_count") + runs))


class Beat(DatabaseScheduler):  # type: ignore[misc]
    """What `celery beat` runs (`CELERY_BEAT_SCHEDULER`)."""

    def __init__(self, *args: Any, monotonic: Callable[[], float] = time.monotonic, **kwargs: Any) -> None:
        self._monotonic = monotonic
        self._clock = DatabaseClock()
        self._ticker = Ticker(periodic.ticks())
        self._rows_from_s = 0.0
        self._last_timestamp: datetime | None = None
        bound_waits()
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Rows are read at the first pass, where a database that is away is borne."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """One pass; how many seconds until the next."""
        sent = [self._send(_entry(one, self.app)) for one in self._ticker.take_due(self._monotonic())]
        # Without a broker a claimed row would only be given back.
        if all(sent) and self._monotonic() >= self._rows_from_s:
            try:
                self._run_rows()
            except (DatabaseError, InterfaceError) as error:
                logger.warning(
                    "Periodic tasks wait: the database failed (%s).", str(error).partition("\n")[0]
                )
                self._rows_from_s = self._monotonic() + DATABASE_PAUSE_S
                self._initial_read = True
                close_old_connections()
        return self._ticker.wait_s(self._monotonic(), 1.0)

    def schedule_changed(self) -> bool:
        """Whether somebody saved or deleted a row. By inequality: clocks of machines differ."""
        close_old_connections()
        before, self._last_timestamp = self._last_timestamp, self.Changes.last_change()
        return bool(self._last_timestamp != before)

    def all_as_schedule(self) -> dict[str, Row]:
        """Every row that is switched on, and the declared ones mended first."""
        if mended := periodic.ensure_rows():
            logger.warning(
                "Periodic tasks were missing or bent and are as declared again: %s.", ", ".join(mended)
            )
        self._clock.read()
        rows = {}
        # All of them: the parent's query leaves out what its guess of the time zone says is not due soon.
        for model in PeriodicTask.objects.enabled().order_by("pk"):
            try:
                rows[model.name] = Row(model, self.app, self._clock)
            except DatabaseError:
                raise
            except Exception:  # one row that makes no sense must not stop the others
                logger.exception("The periodic task %s cannot be used: mend it in the admin.", model.name)
        return rows

    def sync(self) -> None:
        """Nothing to write: a claim has written it."""

    def _run_rows(self) -> None:
        for row in list(self.schedule.values()):
            now = self._clock.now()
            if row.last_run_at > now + LONGEST_FUTURE:
                row.forget_future(now)
                self._reload(row)
            elif row.is_due().is_due:
                self._run(row)

    def _run(self, row: Row) -> None:
        # By a fresh reading: so far the clock was carried on.
        now = self._clock.read()
        if row.is_due().is_due and row.claim(now) and not self._send(row):
            row.give_back(now)
        self._reload(row)

    def _reload(self, row: Row) -> None:
        """What the database says of it now."""
        model = PeriodicTask.objects.enabled().filter(pk=row.model.pk).first()
        if model is None:
            self._schedule.pop(row.name, None)
        else:
            self._schedule[row.name] = Row(model, self.app, self._clock)

    def _send(self, entry: ScheduleEntry) -> bool:
        try:
            self.apply_async(entry, producer=self.producer, advance=False)
        except SchedulingError as error:
            logger.error("%s", error)
            return False
        return True


def _entry(one: periodic.Declared, app: Any) -> ScheduleEntry:
    return ScheduleEntry(
        name=one.name, task=one.task, schedule=one.schedule, options=dict(one.options), app=app
    )
