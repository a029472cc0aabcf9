"""Rules name local times, or say what is wrong with them, and never keep anybody waiting."""

import random
import string
import time
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice

import pytest

from notifications.broadcasts.schedule import Repeats, weekly_rule
from notifications.broadcasts.schedule.rules import local_times
from notifications.errors import BadCron, BadRule, ScheduleInvalid

START = datetime(2026, 11, 25, 9, 0)
HORIZON = START + timedelta(days=5 * 366)
BRIEF_S = 5.0  # a rule that could hang would for minutes


def times(repeats: Repeats, rule: str, *, number: int = 3, start: datetime = START, **wanted) -> list[str]:
    found = local_times(
        repeats, rule, start=start, **{"after": start, "horizon": HORIZON, "times": None, **wanted}
    )
    return [f"{one:%y-%m-%d %H:%M}" for one in islice(found, number)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("0 9 * * 1-5", ["26-11-26 09:00", "26-11-27 09:00", "26-11-30 09:00"]),
        ("30 8 1 * *", ["26-12-01 08:30", "27-01-01 08:30", "27-02-01 08:30"]),
        ("0 0 29 2 *", ["28-02-29 00:00"]),
        ("0 12 31 * *", ["26-12-31 12:00", "27-01-31 12:00", "27-03-31 12:00"]),
        ("0 9 L * *", ["26-11-30 09:00", "26-12-31 09:00", "27-01-31 09:00"]),
        ("0 9 * * MON#1", ["26-12-07 09:00", "27-01-04 09:00", "27-02-01 09:00"]),
        ("0 9,17 * jan sun", ["27-01-03 09:00", "27-01-03 17:00", "27-01-10 09:00"]),
        ("0 0 1 1 *", ["27-01-01 00:00", "28-01-01 00:00", "29-01-01 00:00"]),
    ],
)
def test_cron_rules(rule, expected):
    assert times(Repeats.CRON, rule) == expected


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("99 * * * *", "The minute of this cron rule, 99,"),
        ("*/0 * * * *", "The minute of this cron rule, */0,"),
        ("0 24 * * *", "The hour"),
        ("0 9 32 * *", "The day of month"),
        ("0 9 31 2 *", "The day of month"),
        ("0 9 30 2 *", "The day of month"),
        ("0 9 * 13 *", "The month"),
        ("0 9 * * 8", "The day of week"),
        ("0 9 * * XYZ", "The day of week"),
        ("", "this one has 0"),
        ("0 9 * *", "this one has 4"),
        ("*/10 0 9 * * *", "this one has 6"),
        ("@daily", "this one has 1"),
        ("0 9 * * 1 && rm", "this one has 7"),
        ("0 9-5 * * *", "The hour"),
        ("0 9 ١ * *", "The day of month"),
        ("0 " + "9" * 400 + " * * *", "The hour"),
    ],
)
def test_a_cron_rule_that_is_none_names_the_part(rule, says):
    with pytest.raises(BadCron) as raised:
        times(Repeats.CRON, rule)
    assert says in raised.value.sentence


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,FR", ["26-11-27 09:00", "26-11-30 09:00", "26-12-04 09:00"]),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=WE;", ["26-12-09 09:00", "26-12-23 09:00", "27-01-06 09:00"]),
        ("freq=monthly; byday=-1fr", ["26-11-27 09:00", "26-12-25 09:00", "27-01-29 09:00"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", ["26-12-31 09:00", "27-01-31 09:00", "27-03-31 09:00"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["26-11-30 09:00", "26-12-31 09:00", "27-01-31 09:00"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ["28-02-29 09:00"]),
        ("FREQ=DAILY;BYHOUR=7,19;BYMINUTE=30", ["26-11-25 19:30", "26-11-26 07:30", "26-11-26 19:30"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["26-11-30 09:00", "26-12-31 09:00", "27-01-29 09:00"]),
        ("FREQ=DAILY;COUNT=3", ["26-11-26 09:00", "26-11-27 09:00"]),  # the first of the three is the start
        ("FREQ=DAILY;UNTIL=20261126", ["26-11-26 09:00"]),
        ("FREQ=DAILY;UNTIL=20261126T085959Z", []),
        ("FREQ=DAILY;COUNT=1000;UNTIL=20261127", ["26-11-26 09:00", "26-11-27 09:00"]),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", []),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TH", []),  # it begins on a Wednesday
        ("FREQ=YEARLY;BYWEEKNO=20;BYMONTH=1", []),
        ("FREQ=DAILY;BYSETPOS=366", []),
        ("FREQ=YEARLY;INTERVAL=1000", []),
    ],
)  # fmt: skip
def test_recurrence_rules_end_soon_whatever_they_name(rule, expected):
    began = time.monotonic()
    assert times(Repeats.RRULE, rule) == expected
    assert time.monotonic() - began < BRIEF_S


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("", "is no part"),
        ("every monday", "is no part"),
        ("BYDAY=MO", "begins with FREQ="),
        ("FREQ=SECONDLY", "one of YEARLY, MONTHLY, WEEKLY, DAILY"),
        ("FREQ=MINUTELY;INTERVAL=90", "one of YEARLY, MONTHLY, WEEKLY, DAILY"),
        ("FREQ=DAILY;BYSECOND=1", "is no part"),
        ("FREQ=DAILY;BYEASTER=0", "is no part"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is from 1 to 1000"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL is from 1 to 1000"),
        ("FREQ=DAILY;COUNT=0", "COUNT is from 1 to 1000"),
        ("FREQ=DAILY;COUNT=" + "9" * 300, "COUNT is from 1 to 1000"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR is from 0 to 23"),
        ("FREQ=DAILY;BYMINUTE=60", "BYMINUTE is from 0 to 59"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY is from 1 to 31, or from the end"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY is"),
        ("FREQ=MONTHLY;BYMONTHDAY=", "BYMONTHDAY is"),
        ("FREQ=WEEKLY;BYDAY=2MO", "needs FREQ=MONTHLY"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY is days"),
        ("FREQ=WEEKLY;BYDAY=MO;BYDAY=TU", "given twice"),
        ("FREQ=WEEKLY;UNTIL=tomorrow", "UNTIL is a day"),
        ("FREQ=WEEKLY;UNTIL=99991231", ""),
        ("FREQ=WEEKLY\nEXDATE:20261201T090000", "FREQ is one of"),
        ("DTSTART:20200101T000000\nRRULE:FREQ=DAILY", "is no part"),
        ("FREQ=WEEKLY;X-NAME=1", "is no part"),
        ("FREQ=YEARLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS is"),
    ],
)  # fmt: skip
def test_a_recurrence_rule_that_is_none_says_what_was_expected(rule, says):
    if not says:
        assert len(times(Repeats.RRULE, rule)) == 3
        return
    with pytest.raises(BadRule) as raised:
        times(Repeats.RRULE, rule)
    assert says in raised.value.sentence


def test_a_number_of_times_counts_from_the_start():
    after = START + timedelta(days=2)
    for repeats, rule in ((Repeats.CRON, "0 9 * * *"), (Repeats.RRULE, "FREQ=DAILY")):
        assert times(repeats, rule, after=after, times=4, number=9) == ["26-11-28 09:00"]
        assert times(repeats, rule, after=after, times=3) == []


def test_days_of_the_week_are_a_rule():
    assert weekly_rule({"FR", "MO"}) == "FREQ=WEEKLY;BYDAY=MO,FR"
    assert weekly_rule(()) == "FREQ=DAILY"


@pytest.mark.parametrize("repeats", [Repeats.CRON, Repeats.RRULE])
def test_any_text_is_answered_by_times_or_by_an_error(repeats):
    dice = random.Random(4)
    words = {
        Repeats.CRON: ["*", "*/", "0", "9", "1-5", ",", "L", "W", "#", "MON", "FEB", "31", "-", "/", "?", " "],
        Repeats.RRULE: ["FREQ=", "DAILY", "YEARLY", ";", "BYDAY=", "1MO", "-5SU", "BYMONTH=2", ";BYMONTHDAY=30",
                        "COUNT=", "INTERVAL=7", "BYSETPOS=", "-1", "BYWEEKNO=53", "UNTIL=", "20300101", "BYHOUR=", ","],
    }[repeats]  # fmt: skip
    began = time.monotonic()
    for number in range(400):
        pieces = words if number % 4 else list(string.printable)
        rule = "".join(dice.choices(pieces, k=dice.randint(1, 14)))
        with suppress(ScheduleInvalid):
            times(repeats, rule)
    assert time.monotonic() - began < 6 * BRIEF_S
