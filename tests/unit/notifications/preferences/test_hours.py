"""Quiet hours and working days in a person's zone, also when the clocks change; and when digests come."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.preferences.hours import Digest, Hours, Silence, moment

# Changes of an hour and of half an hour, at midnight too, and odd distances from UTC.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Santiago",
]
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = (time(22), time(7))

moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
times = st.times().map(lambda one: one.replace(second=0, microsecond=0, tzinfo=None))
hours = st.builds(
    Hours,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    quiet=st.none() | st.tuples(times, times).filter(lambda pair: pair[0] != pair[1]),
    working_days=st.frozensets(st.integers(1, 7), min_size=1),
)


def in_berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@given(hours, moments)
def test_whoever_need_not_wait_has_a_clock_that_says_so(hours, now):
    if hours.silent_until(now) is not None:
        return
    local = now.astimezone(hours.zone)
    assert local.isoweekday() in hours.working_days
    if hours.quiet is not None:
        begins, ends = hours.quiet
        at = local.time()
        assert not (begins <= at < ends if begins < ends else at >= begins or at < ends)


@given(hours, moments, st.floats(0, 0.999))
def test_a_wait_ends_at_the_first_moment_without_a_silence(hours, now, part):
    silence = hours.silent_until(now)
    if silence is None:
        return
    _, until = silence
    assert until > now
    assert hours.silent_until(until) is None
    between = hours.silent_until(now + part * (until - now))
    assert between is not None
    assert between[1] == until


@given(hours, moments, st.sampled_from(Digest), st.timedeltas(timedelta(0), timedelta(days=2)))
def test_a_digest_comes_later_never_in_a_silence_and_in_the_order_of_what_is_in_it(hours, now, digest, later):
    due = hours.digest_due(digest, now)
    assert due > now
    assert hours.silent_until(due) is None
    assert hours.digest_due(digest, now + later) >= due
    # What happens before it comes, and after its window began, belongs to the same one.
    assert hours.digest_due(digest, min(now + later, due - timedelta(microseconds=1))) >= due


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-25T21:59", None),
        ("2026-11-25T22:00", "2026-11-26T07:00"),
        ("2026-11-26T06:59:59", "2026-11-26T07:00"),
        ("2026-11-26T07:00", None),
        ("2026-03-28T23:00", "2026-03-29T07:00"),  # an hour shorter
        ("2026-10-24T23:00", "2026-10-25T07:00"),  # an hour longer
    ],
)
def test_quiet_hours_go_over_midnight_and_by_the_clock_on_the_wall(now, until):
    expected = until and (Silence.QUIET_HOURS, in_berlin(until))
    assert Hours(BERLIN, NIGHT).silent_until(in_berlin(now)) == expected


def test_an_end_that_the_clocks_skip_is_the_moment_of_the_jump():
    night = Hours(BERLIN, (time(22), time(2, 30)))
    _, until = night.silent_until(in_berlin("2026-03-29T01:00"))
    assert until == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_time_that_comes_twice_begins_with_the_first_and_ends_with_the_second():
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert moment(BERLIN, date(2026, 10, 25), time(2, 30)) == first
    assert moment(BERLIN, date(2026, 10, 25), time(2, 30), last=True) == second
    assert Hours(BERLIN, (time(22), time(2, 30))).silent_until(first)[1] == second
    assert Hours(BERLIN, (time(2, 30), time(5))).silent_until(first) is not None
    assert Hours(BERLIN, (time(2, 30), time(5))).silent_until(first - timedelta(seconds=1)) is None


def test_after_a_free_day_comes_the_end_of_the_quiet_hours():
    office = Hours(BERLIN, NIGHT, frozenset(range(1, 6)))
    friday_night, monday = in_berlin("2026-11-27T23:00"), in_berlin("2026-11-30T07:00")
    assert office.silent_until(friday_night) == (Silence.QUIET_HOURS, monday)
    assert office.silent_until(in_berlin("2026-11-28T12:00")) == (Silence.WORKING_DAYS, monday)


def test_digests_come_at_the_full_hour_in_the_morning_and_in_the_evening():
    kathmandu = Hours(ZoneInfo("Asia/Kathmandu"))
    now = datetime(2026, 11, 25, 10, 20, tzinfo=UTC)  # 16:05 there
    assert kathmandu.digest_due(Digest.HOURLY, now) == datetime(2026, 11, 25, 11, 15, tzinfo=UTC)
    assert kathmandu.digest_due(Digest.END_OF_DAY, now) == datetime(2026, 11, 25, 12, 15, tzinfo=UTC)
    assert kathmandu.digest_due(Digest.DAILY, now) == datetime(2026, 11, 26, 2, 15, tzinfo=UTC)
    # What happens at the very moment belongs to the next one.
    due = kathmandu.digest_due(Digest.DAILY, now)
    assert kathmandu.digest_due(Digest.DAILY, due) == due + timedelta(days=1)


def test_a_digest_whose_window_ends_at_night_comes_in_the_morning_with_all_of_the_night():
    berlin = Hours(BERLIN, NIGHT)
    for at in ("2026-11-25T21:30", "2026-11-25T23:10", "2026-11-26T05:00"):
        assert berlin.digest_due(Digest.HOURLY, in_berlin(at)) == in_berlin("2026-11-26T07:00")
