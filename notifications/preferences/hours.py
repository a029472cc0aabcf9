"""When a person wants no messages, and when their digests come: local times in their zone -> moments. Pure.

Quiet hours are one unbroken stretch a night. Where clocks go back and a time comes twice, they begin with the first
and end with the second; where clocks go forward and a time never comes, the moment of the jump stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

EVERY_DAY = frozenset(range(1, 8))
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


class Silence(StrEnum):
    QUIET_HOURS = "quiet_hours"
    WORKING_DAYS = "working_days"


class Digest(StrEnum):
    """How often a person gets what happened in one message instead of one each."""

    HOURLY = "hourly"
    DAILY = "daily"
    END_OF_DAY = "end_of_day"


@dataclass(frozen=True, slots=True)
class Hours:
    """`quiet` is from when until when, over midnight where it ends earlier than it begins; `working_days` are ISO
    weekdays (1 is Monday), at least one; digests of a day come at `morning` or `evening`.
    """

    zone: ZoneInfo
    quiet: tuple[time, time] | None = None
    working_days: frozenset[int] = EVERY_DAY
    morning: time = time(8)
    evening: time = time(18)

    def silent_until(self, now: datetime) -> tuple[Silence, datetime] | None:
        """Why a message has to wait now, and until when; None where it need not."""
        reason: Silence | None = None
        until = now
        while found := self._silence(until):
            reason, until = reason or found[0], found[1]
        return None if reason is None else (reason, until)

    def digest_due(self, digest: Digest, now: datetime) -> datetime:
        """When the digest comes that what happens now belongs to: after `now`, and not in a silence."""
        due = self._window_end(digest, now)
        silence = self.silent_until(due)
        return silence[1] if silence else due

    def _silence(self, at: datetime) -> tuple[Silence, datetime] | None:
        today = at.astimezone(self.zone).date()
        if today.isoweekday() not in self.working_days:
            return Silence.WORKING_DAYS, moment(self.zone, today + _DAY, time())
        if self.quiet:
            begins, ends = self.quiet
            for day in (today - _DAY, today):
                end = moment(self.zone, day + _DAY if ends <= begins else day, ends, last=True)
                if moment(self.zone, day, begins) <= at < end:
                    return Silence.QUIET_HOURS, end
        return None

    def _window_end(self, digest: Digest, now: datetime) -> datetime:
        local = now.astimezone(self.zone)
        if digest is Digest.HOURLY:
            past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            return (now - past + _HOUR).astimezone(UTC)
        at = self.morning if digest is Digest.DAILY else self.evening
        ends = (moment(self.zone, local.date() + days * _DAY, at) for days in range(3))
        return next(end for end in ends if end > now)


def moment(zone: ZoneInfo, day: date, at: time, *, last: bool = False) -> datetime:
    """When it is `at` on that day in that zone, in UTC: of two such moments the first, or the last."""
    local = datetime.combine(day, at)
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if second < first:  # there is no such time: read with the clock from before the jump, and from after it
        return _jump(zone, second, first)
    return second if last else first


def _jump(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The one change of the clocks between two moments, to the second."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
