"""When one broadcast falls due: once or by a rule, in one zone or in each recipient's own, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise

from notifications.broadcasts.schedule.rules import MAX_RULE_CHARS, MAX_TIMES, Repeats, local_times
from notifications.broadcasts.schedule.zones import due_moment, local_of, moved_moment_of, zone_named
from notifications.errors import BadEnd, BadRule, NeverHappens, TimeInThePast, TimeTooFarAhead, TooOften

OWN_ZONE = ""  # that of each recipient
# How far the first and the last clocks of the world are from UTC.
EASTMOST, WESTMOST = timedelta(hours=14), timedelta(hours=-12)
_DAY = timedelta(days=1)
_LOOK_AHEAD = timedelta(days=5 * 366)  # a rule without a time in so long has none
_SPACING_LOOKED_AT = 400  # occurrences of a new series


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`start` is naive: the time itself of what happens once; else when the rule begins, and what an RRULE counts its
    intervals from. `ends_on` is the last possible day, `times` how often it happens at most.
    """

    start: datetime
    zone: str = "UTC"
    repeats: Repeats = Repeats.ONCE
    rule: str = ""
    ends_on: date | None = None
    times: int | None = None

    @property
    def recurs(self) -> bool:
        return self.repeats is not Repeats.ONCE


@dataclass(frozen=True, slots=True)
class Time:
    """One time of a schedule: what the clock on the wall says, as the rule has it, and when that is; in each
    recipient's own zone, when that is for whoever comes first.
    """

    local: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How far ahead a schedule may reach, and how close to each other its times may be."""

    max_ahead_days: int
    min_minutes_between: int


def check_schedule(schedule: Schedule, bounds: Bounds, *, now: datetime) -> None:
    """Refuses what cannot be kept.

    Raises UnknownTimeZone, TimeInThePast, TimeTooFarAhead; for what happens once in a named zone TimeDoesNotExist; for
    what recurs BadCron, BadRule, BadEnd, NeverHappens, TooOften.
    """
    if schedule.recurs:
        _check_series(schedule, bounds, now)
    elif schedule.zone != OWN_ZONE:
        due_moment(schedule.start, schedule.zone, now=now, max_ahead_days=bounds.max_ahead_days)
    else:
        _check_everywhere(schedule.start, bounds, now)


def times_after(schedule: Schedule, after: datetime) -> Iterator[Time]:
    """Its times after that local time, in order, and of several at one moment the first."""
    # From some time before: what the clocks skipped there may fall on what comes after.
    found = _locals(schedule, after - 2 * _DAY) if schedule.recurs else iter([schedule.start])
    latest: datetime | None = None
    for local in found:
        at = first_moment(local, schedule.zone)
        if latest is None or at > latest:
            latest = at
            if local > after:
                yield Time(local, at)


def coming_times(schedule: Schedule, *, now: datetime) -> Iterator[Time]:
    """Its times that are still ahead for everybody, the next one first."""
    # A time that the clocks skip comes after others that the clock on the wall shows later.
    before = local_now(now, schedule.zone) - _DAY
    return (time for time in times_after(schedule, before) if time.at > now)


def local_now(now: datetime, zone: str) -> datetime:
    """What the clock on the wall says in the zone; without a zone, the first one of the world. Naive."""
    return local_of(now, zone) if zone else _naive(now + EASTMOST)


def first_moment(local: datetime, zone: str) -> datetime:
    """When it is that time in the zone; without a zone, when it is for the first of all people."""
    return moved_moment_of(local, zone) if zone else (local - EASTMOST).replace(tzinfo=UTC)


def last_moment(local: datetime, zone: str) -> datetime:
    """When it is that time in the zone; without a zone, when it is for the last of all people."""
    return moved_moment_of(local, zone) if zone else (local - WESTMOST).replace(tzinfo=UTC)


def _check_everywhere(local: datetime, bounds: Bounds, now: datetime) -> None:
    last_day = _naive(now) + timedelta(days=bounds.max_ahead_days)
    if local > last_day:
        raise TimeTooFarAhead(f"This time is too far ahead; the last day possible is {last_day:%Y-%m-%d}.")
    if local - WESTMOST < _naive(now):
        raise TimeInThePast("This time has passed everywhere. Choose a later one, or send now.")


def _check_series(schedule: Schedule, bounds: Bounds, now: datetime) -> None:
    last_day = (now + timedelta(days=bounds.max_ahead_days)).date()
    if schedule.zone != OWN_ZONE:
        zone_named(schedule.zone)
    if len(schedule.rule) > MAX_RULE_CHARS:
        raise BadRule(f"A rule has at most {MAX_RULE_CHARS} characters; this one has {len(schedule.rule)}.")
    if not now.year - 5 <= schedule.start.year or schedule.start.date() > last_day:
        raise TimeTooFarAhead(f"A series begins at most five years ago and not after {last_day}.")
    if schedule.times is not None and not 1 <= schedule.times <= MAX_TIMES:
        raise BadEnd(f"A series happens 1 to {MAX_TIMES} times; without a number it goes on.")
    if schedule.ends_on is not None and not now.date() - _DAY <= schedule.ends_on <= last_day:
        raise BadEnd(f"The last day is one between today and {last_day}; without one the series goes on.")
    if next(coming_times(schedule, now=now), None) is None:
        raise NeverHappens
    looked_at = islice(_locals(schedule, schedule.start - _DAY), _SPACING_LOOKED_AT)
    closest = min((later - earlier for earlier, later in pairwise(looked_at)), default=_DAY)
    if closest < timedelta(minutes=bounds.min_minutes_between):
        raise TooOften(
            f"Between two of these times are {closest.total_seconds() / 60:.0f} minutes; at least "
            f"{bounds.min_minutes_between} are needed."
        )


def _locals(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    horizon = max(after, schedule.start) + _LOOK_AHEAD
    if schedule.ends_on is not None:
        horizon = min(horizon, datetime.combine(schedule.ends_on, datetime.max.time()))
    return local_times(
        schedule.repeats,
        schedule.rule,
        start=schedule.start,
        after=after,
        horizon=horizon,
        times=schedule.times,
    )


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
