"""Ten years of occurrences in zones of every kind equal what a walk along the clock on the wall finds.

The walk knows nothing of the libraries and of the code under test: it reads the zone's clock minute by minute on each
day that it changes, and counts on where it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from notifications.broadcasts.schedule import Repeats, Schedule, times_after

FROM, TO = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ZONES = (
    "Asia/Kathmandu",  # +5:45, no change of clocks
    "America/St_Johns",  # -3:30
    "Pacific/Chatham",  # +12:45, southern
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour of daylight saving time
    "America/Santiago",  # at midnight: a day without 00:00
    "Africa/Casablanca",  # four changes in some years
)

Fits = Callable[[datetime], bool]


def last_friday(local: datetime) -> bool:
    return local.weekday() == 4 and (local + 7 * DAY).month != local.month


RULES: dict[str, tuple[Repeats, str, tuple[time, ...], Fits]] = {
    "each night where most clocks change": (Repeats.CRON, "30 2 * * *", (time(2, 30),), lambda local: True),
    "every half hour of the nights on Sundays": (
        Repeats.CRON,
        "*/30 0-3 * * SUN",
        tuple(time(hour, minute) for hour in range(4) for minute in (0, 30)),
        lambda local: local.weekday() == 6,
    ),
    "weekday mornings": (Repeats.CRON, "0 9 * * 1-5", (time(9),), lambda local: local.weekday() < 5),
    "the 31st": (Repeats.CRON, "45 23 31 * *", (time(23, 45),), lambda local: local.day == 31),
    "leap days": (
        Repeats.CRON,
        "0 0 29 2 *",
        (time(0),),
        lambda local: (local.month, local.day) == (2, 29),
    ),
    "Sundays, when clocks change": (
        Repeats.RRULE,
        "FREQ=WEEKLY;BYDAY=SU;BYHOUR=0,1,2;BYMINUTE=15",
        (time(0, 15), time(1, 15), time(2, 15)),
        lambda local: local.weekday() == 6,
    ),
    "last Fridays": (Repeats.RRULE, "FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=0;BYMINUTE=0", (time(0),), last_friday),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_time_happens_once_and_when_the_clock_shows_it(rule):
    repeats, text, times, fits = RULES[rule]
    for zone in ZONES:
        start = FROM.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        schedule = Schedule(start=start, zone=zone, repeats=repeats, rule=text)
        found = list(_ours(schedule))
        assert found == list(_walked(ZoneInfo(zone), times, fits)), zone
        moments = [moment for _, moment in found]
        assert moments == sorted(set(moments)), "in order, no moment twice"


def _ours(schedule: Schedule) -> Iterator[tuple[datetime, datetime]]:
    """As the planner asks: a few at a time, each time after the last."""
    after = schedule.start - DAY
    while True:
        for number, found in enumerate(times_after(schedule, after)):
            if found.at >= TO:
                return
            if found.at >= FROM:
                yield found.local, found.at
            after = found.local
            if number == 3000:
                break


def _walked(zone: ZoneInfo, times: tuple[time, ...], fits: Fits) -> Iterator[tuple[datetime, datetime]]:
    happened: set[datetime] = set()  # by the clock on the wall
    taken: set[datetime] = set()
    day = FROM
    while day < TO:
        for local, moment in _shown(zone, day, times):
            if fits(local) and local not in happened and moment not in taken:
                happened.add(local)
                taken.add(moment)
                yield local, moment
        day += DAY


def _shown(zone: ZoneInfo, day: datetime, times: tuple[time, ...]) -> Iterator[tuple[datetime, datetime]]:
    """Which of these times the clock shows, or skips, in the 24 hours from `day` on, and when that happens."""
    first, last = _clock(day, zone), _clock(day + DAY, zone)
    if last - first == DAY:
        for date in (first.date(), last.date()):
            for at in times:
                local = datetime.combine(date, at)
                if first <= local < last:
                    yield local, day + (local - first)
        return
    shown = first
    for minute in range(24 * 60):
        moment = day + minute * MINUTE
        now = _clock(moment, zone)
        skipped = shown
        while skipped < now:  # a gap: it happens as long after the jump as it lies behind the gap's beginning
            if skipped.time() in times:
                yield skipped, moment + (skipped - shown)
            skipped += MINUTE
        if now.time() in times:
            yield now, moment
        shown = now + MINUTE


def _clock(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
