"""Local times become the moment they mean, or an error that says why not."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications.broadcasts.schedule import due_moment, moment_of, time_zone_names
from notifications.errors import TimeDoesNotExist, TimeInThePast, TimeTooFarAhead, UnknownTimeZone

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def due(local: datetime, zone: str) -> datetime:
    return due_moment(local, zone, now=NOW, max_ahead_days=1000)


@pytest.mark.parametrize(
    ("local", "zone", "moment"),
    [
        (datetime(2026, 7, 1, 9, 0), "Europe/Berlin", datetime(2026, 7, 1, 7, 0, tzinfo=UTC)),
        (datetime(2026, 12, 1, 9, 0), "Europe/Berlin", datetime(2026, 12, 1, 8, 0, tzinfo=UTC)),
        (datetime(2026, 7, 1, 9, 0), "Asia/Kathmandu", datetime(2026, 7, 1, 3, 15, tzinfo=UTC)),
        (datetime(2026, 7, 1, 9, 0), "America/St_Johns", datetime(2026, 7, 1, 11, 30, tzinfo=UTC)),
        (datetime(2026, 7, 1, 9, 0), "Australia/Lord_Howe", datetime(2026, 6, 30, 22, 30, tzinfo=UTC)),
        (datetime(2026, 7, 1, 9, 0), "UTC", datetime(2026, 7, 1, 9, 0, tzinfo=UTC)),
        (datetime(2028, 2, 29, 9, 0), "UTC", datetime(2028, 2, 29, 9, 0, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_a_moment(local, zone, moment):
    assert due(local, zone) == moment


@pytest.mark.parametrize(
    ("local", "zone", "next_time"),
    [
        (datetime(2026, 3, 29, 2, 30), "Europe/Berlin", "03:30"),
        (datetime(2027, 3, 14, 2, 0), "America/New_York", "03:00"),
        (datetime(2026, 10, 4, 2, 15), "Australia/Lord_Howe", "02:45"),
    ],
)
def test_the_hour_that_the_clocks_skip_is_refused_and_said(local, zone, next_time):
    with pytest.raises(TimeDoesNotExist) as raised:
        due(local, zone)
    assert "does not exist" in raised.value.sentence
    assert next_time in raised.value.sentence


def test_of_the_hour_that_comes_twice_the_first_is_meant():
    assert due(datetime(2026, 10, 25, 2, 30), "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_time_that_has_passed_is_refused():
    with pytest.raises(TimeInThePast):
        due(datetime(2026, 3, 1, 12, 59), "Europe/Berlin")


@pytest.mark.parametrize("local", [datetime.min, datetime(1, 1, 1), datetime(1970, 1, 1)])
def test_a_time_long_ago_is_refused(local):
    with pytest.raises(TimeInThePast):
        due(local, "Asia/Tokyo")


@pytest.mark.parametrize("local", [datetime.max.replace(microsecond=0), datetime(2029, 1, 1)])
def test_a_time_far_ahead_is_refused_with_the_last_day_possible(local):
    with pytest.raises(TimeTooFarAhead) as raised:
        due(local, "America/Los_Angeles")
    assert f"{NOW + timedelta(days=1000):%Y-%m-%d}" in raised.value.sentence


@pytest.mark.parametrize(
    "zone", ["", "Mars/Base", "../etc/passwd", "/etc/localtime", "Europe", "UTC\0", "a" * 5000]
)
def test_what_is_no_zone_is_refused(zone):
    with pytest.raises(UnknownTimeZone):
        moment_of(datetime(2026, 7, 1), zone)


def test_every_zone_offered_can_be_used():
    names = time_zone_names()
    assert names[0] == "UTC"
    assert len(names) > 400
    for name in names:
        moment_of(datetime(2026, 7, 1, 12), name)
