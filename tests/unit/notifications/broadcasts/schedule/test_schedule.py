"""A schedule's times, in one zone or in each person's own, and what no schedule may be."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest

from notifications.broadcasts.schedule import (
    OWN_ZONE,
    Bounds,
    Repeats,
    Schedule,
    check_schedule,
    coming_times,
    first_moment,
    in_words,
    last_moment,
    oddity_of,
    offset_name,
)
from notifications.errors import (
    BadCron,
    BadEnd,
    BadRule,
    NeverHappens,
    TimeDoesNotExist,
    TimeInThePast,
    TimeTooFarAhead,
    TooOften,
    UnknownTimeZone,
)

NOW = datetime(2026, 3, 27, 12, tzinfo=UTC)
BOUNDS = Bounds(max_ahead_days=1000, min_minutes_between=15)


def series(rule: str, zone: str = "Europe/Berlin", **fields) -> Schedule:
    repeats = Repeats.RRULE if "FREQ" in rule else Repeats.CRON
    return Schedule(
        **{"start": datetime(2026, 3, 1, 9), "zone": zone, "repeats": repeats, "rule": rule, **fields}
    )


def moments(schedule: Schedule, *, now: datetime = NOW, number: int = 4) -> list[str]:
    return [f"{time.at:%d %H:%M}" for time in islice(coming_times(schedule, now=now), number)]


def test_a_time_that_the_clocks_skip_moves_and_one_that_comes_twice_is_the_first():
    assert moments(series("30 2 * * *")) == ["28 01:30", "29 01:30", "30 00:30", "31 00:30"]
    autumn = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert moments(series("30 2 * * *"), now=autumn, number=2) == ["25 00:30", "26 01:30"]
    # 02:30 has moved to 03:30, which is due then anyway: once.
    night = series("30 1-3 * * *")
    assert moments(night, now=datetime(2026, 3, 28, 22, tzinfo=UTC), number=3) == [
        "29 00:30",
        "29 01:30",
        "29 23:30",
    ]


def test_what_moved_is_still_to_come_when_the_clock_already_shows_a_later_time():
    just_after_the_jump = datetime(2026, 3, 29, 1, 10, tzinfo=UTC)  # 03:10, and 02:30 happens at 03:30
    assert moments(series("30 2 * * *"), now=just_after_the_jump, number=1) == ["29 01:30"]
    in_the_second_hour = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 again, and 02:30 was in the first
    assert moments(series("30 2 * * *"), now=in_the_second_hour, number=1) == ["26 01:30"]


def test_what_is_odd_about_a_time_is_said():
    zone = "Europe/Berlin"
    assert oddity_of(datetime(2026, 3, 29, 2, 30), zone) == (
        "The clocks skip 02:30 on that day, so it happens at 03:30."
    )
    assert "twice" in oddity_of(datetime(2026, 10, 25, 2, 30), zone)
    assert oddity_of(datetime(2026, 10, 25, 3, 0), zone) == ""


def test_in_each_persons_own_zone_it_begins_in_the_east_and_ends_in_the_west():
    local = datetime(2026, 4, 1, 9)
    assert first_moment(local, OWN_ZONE) == datetime(2026, 3, 31, 19, tzinfo=UTC)
    assert last_moment(local, OWN_ZONE) == datetime(2026, 4, 1, 21, tzinfo=UTC)
    # What has begun somewhere is not to come any more: the 28th has, at 14:00 there.
    at_nine = series("0 9 * * *", OWN_ZONE)
    begun = datetime(2026, 3, 28, 0, tzinfo=UTC)
    assert next(coming_times(at_nine, now=begun)).local == datetime(2026, 3, 29, 9)


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("Asia/Kathmandu", "UTC+05:45"),
        ("America/St_Johns", "UTC-02:30"),
        ("Pacific/Chatham", "UTC+12:45"),
        ("Australia/Lord_Howe", "UTC+10:30"),
        ("UTC", "UTC+00:00"),
    ],
)
def test_offsets_have_names(zone, name):
    assert offset_name(datetime(2026, 7, 1, 9), zone) == name


def test_a_series_ends_on_a_day_or_after_a_number_of_times():
    daily = "0 9 * * *"
    assert moments(series(daily, ends_on=date(2026, 3, 29))) == ["28 08:00", "29 07:00"]
    assert moments(series(daily, times=29)) == ["28 08:00", "29 07:00"]
    assert moments(series("FREQ=DAILY;COUNT=29")) == ["28 08:00", "29 07:00"]


@pytest.mark.parametrize(
    ("schedule", "error"),
    [
        (series("0 9 * * *", "Mars/Base"), UnknownTimeZone),
        (series("0 9 * *"), BadCron),
        (series("FREQ=HOURLY"), BadRule),
        (series("FREQ=DAILY;BYHOUR=" + ",".join(["9"] * 300)), BadRule),
        (series("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), NeverHappens),
        (series("FREQ=DAILY;COUNT=3"), NeverHappens),
        (series("0 9 * * *", times=5), NeverHappens),
        (series("* * * * *"), TooOften),
        (series("0,10 9 1 1 *"), TooOften),
        (series("FREQ=DAILY;BYHOUR=9;BYMINUTE=0,14"), TooOften),
        (series("0 9 * * *", times=0), BadEnd),
        (series("0 9 * * *", times=10**9), BadEnd),
        (series("0 9 * * *", ends_on=date(2026, 3, 1)), BadEnd),
        (series("0 9 * * *", ends_on=date(9999, 12, 31)), BadEnd),
        (series("0 9 * * *", start=datetime(9999, 1, 1)), TimeTooFarAhead),
        (series("0 9 * * *", start=datetime(1, 1, 1)), TimeTooFarAhead),
        (Schedule(start=datetime(2026, 3, 29, 2, 30), zone="Europe/Berlin"), TimeDoesNotExist),
        (Schedule(start=datetime(2026, 3, 26), zone=OWN_ZONE), TimeInThePast),
        (Schedule(start=datetime.min, zone=OWN_ZONE), TimeInThePast),
        (Schedule(start=datetime.max, zone=OWN_ZONE), TimeTooFarAhead),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(schedule, error):
    with pytest.raises(error):
        check_schedule(schedule, BOUNDS, now=NOW)


@pytest.mark.parametrize(
    "schedule",
    [
        series("*/15 * * * *"),
        series("0 9 29 2 *"),
        series("FREQ=WEEKLY;BYDAY=MO", OWN_ZONE, times=1000, ends_on=date(2028, 1, 1)),
        Schedule(start=datetime(2026, 3, 29, 2, 30), zone=OWN_ZONE),
        Schedule(start=datetime(2026, 3, 27, 9), zone=OWN_ZONE),  # passed in the east, to come in the west
    ],
)
def test_what_can_be_kept_is_taken(schedule):
    check_schedule(schedule, BOUNDS, now=NOW)
    assert next(coming_times(schedule, now=NOW - timedelta(days=1)), None)


def test_in_words():
    assert in_words(series("0 9 * * 1-5")) == "At 09:00 on Monday through Friday, Europe/Berlin"
    assert in_words(series("0 9 * * 1", OWN_ZONE, times=3)) == (
        "At 09:00 on Monday, in each person's own time zone, 3 times"
    )
    assert in_words(series("FREQ=WEEKLY;BYDAY=MO,WE,FR")) == (
        "Every Monday, Wednesday and Friday at 09:00 from 2026-03-01, Europe/Berlin"
    )
    assert in_words(series("FREQ=DAILY")) == "Every day at 09:00 from 2026-03-01, Europe/Berlin"
    assert in_words(series("FREQ=MONTHLY;BYDAY=-1FR")) == (
        "FREQ=MONTHLY;BYDAY=-1FR, 09:00 from 2026-03-01, Europe/Berlin"
    )
    assert in_words(Schedule(start=datetime(2026, 3, 27, 9))) == "2026-03-27 09:00, UTC"
