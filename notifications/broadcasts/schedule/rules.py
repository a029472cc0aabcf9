"""A cron or RRULE text -> the local times that it names, in order; or an error that says which part is wrong.

No zone and no clock in here: what a local time means somewhere is for `zones`. Texts that name no time at all end
soon, however they are written.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from cronsim import CronSim, CronSimError
from dateutil.rrule import rrulestr

from notifications.errors import BadCron, BadRule

MAX_RULE_CHARS = 500
MAX_TIMES = 1000  # occurrences of a series that ends after a number of them


class Repeats(StrEnum):
    ONCE = "once"
    CRON = "cron"
    RRULE = "rrule"


WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# As cronsim calls them.
_CRON_PARTS = ("minute", "hour", "day-of-month", "month", "day-of-week")
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
_LISTS = ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS", "BYHOUR", "BYMINUTE")
# From, to, and whether it may count from the end.
_NUMBERS = {
    "INTERVAL": (1, 1000, False),
    "COUNT": (1, MAX_TIMES, False),
    "BYMONTH": (1, 12, False),
    "BYMONTHDAY": (1, 31, True),
    "BYYEARDAY": (1, 366, True),
    "BYWEEKNO": (1, 53, True),
    "BYSETPOS": (1, 366, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
}
_KNOWN = ("FREQ", "BYDAY", "WKST", "UNTIL", *_NUMBERS)
_DAY = re.compile(r"([+-]?[1-9][0-9]?)?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_DAYS_END = timedelta(days=1, seconds=-1)
_CYCLE_YEARS = 400  # after which the calendar repeats, with its days of the week


def local_times(
    repeats: Repeats, rule: str, *, start: datetime, after: datetime, horizon: datetime, times: int | None
) -> Iterator[datetime]:
    """What the rule names from `start` on, the first `times` of it, as far as it lies after `after` and not after
    `horizon`; all of them naive.

    Raises BadCron, BadRule.
    """
    if repeats is Repeats.CRON:
        # Nothing has to be counted: no need to begin at the start.
        begin = start if times else max(start, after)
        found = cron_times(rule, begin - timedelta(seconds=1))
    else:
        found = rrule_times(rule, start=start, horizon=horizon)
    for time in islice(found, times):
        if time > horizon:
            return
        if time > after:
            yield time


def cron_times(rule: str, after: datetime) -> Iterator[datetime]:
    """What five fields name, as Debian's cron reads them, and L, LW and # besides. Raises BadCron."""
    fields = rule.split()
    if len(fields) != len(_CRON_PARTS):
        raise BadCron(
            f"A cron rule has five parts (minute, hour, day of the month, month, day of the week), for example "
            f"0 9 * * 1-5; this one has {len(fields)}."
        )
    try:
        return CronSim(rule, after)
    except CronSimError as error:
        part = str(error).removeprefix("Bad ")
        text = fields[_CRON_PARTS.index(part)]
        raise BadCron(
            f"The {part.replace('-', ' ')} of this cron rule, {text}, cannot be.", part=part
        ) from error


def cron_words(rule: str) -> str:
    """A valid cron rule as a person says it."""
    return CronSim(rule, datetime(2000, 1, 1)).explain()


def rrule_times(rule: str, *, start: datetime, horizon: datetime) -> Iterator[datetime]:
    """What a recurrence rule (RFC 5545, from DAILY up) names from `start` on; the hour and the minute are those of
    `start` where the rule has none. Raises BadRule.
    """
    parts = _parts(rule)
    count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
    end = min(horizon, _until(until or "") or horizon)
    # dateutil looks for a next time up to the year 9999; in the last cycle that is near.
    shift = (datetime.max.year - start.year) // _CYCLE_YEARS * _CYCLE_YEARS
    try:
        shifted = rrulestr(
            ";".join(f"{name}={value}" for name, value in parts.items()), dtstart=_moved(start, shift)
        )
    except ValueError as error:
        raise BadRule(f"This rule contradicts itself: {error}") from error
    for time in islice(shifted, int(count) if count else None):
        back = _moved(time, -shift)
        if back > end:
            return
        yield back


def weekly_rule(weekdays: Collection[str]) -> str:
    """The recurrence rule of "every Monday and Friday"; of none of the days, every day."""
    chosen = [day for day in WEEKDAYS if day in weekdays]
    return f"FREQ=WEEKLY;BYDAY={','.join(chosen)}" if chosen else "FREQ=DAILY"


def weekdays_of(rule: str) -> list[str] | None:
    """The days of a rule that `weekly_rule` makes; None where it is another one."""
    days = rule.removeprefix("FREQ=WEEKLY;BYDAY=").split(",")
    return next((found for found in ([], days) if weekly_rule(found) == rule), None)


def _parts(rule: str) -> dict[str, str]:
    """The parts of a rule by their names, each of them checked."""
    parts: dict[str, str] = {}
    for part in "".join(rule.upper().removeprefix("RRULE:").split()).rstrip(";").split(";"):
        name, equals, value = part.partition("=")
        if name not in _KNOWN or not equals:
            raise BadRule(
                f"{part[:40]!r} is no part of a recurrence rule here; known are {', '.join(_KNOWN)}."
            )
        if name in parts:
            raise BadRule(f"{name} is given twice.")
        parts[name] = value
        _check_part(name, value)
    frequency = parts.get("FREQ")
    if frequency is None:
        raise BadRule("A recurrence rule begins with FREQ=, for example FREQ=WEEKLY;BYDAY=MO.")
    if frequency in ("WEEKLY", "DAILY") and re.search("[0-9]", parts.get("BYDAY", "")):
        raise BadRule("BYDAY with a number, such as 2MO, needs FREQ=MONTHLY or FREQ=YEARLY.")
    return parts


def _check_part(name: str, value: str) -> None:
    match name:
        case "FREQ":
            expected, fits = f"one of {', '.join(_FREQUENCIES)}", value in _FREQUENCIES
        case "WKST":
            expected, fits = f"one of {', '.join(WEEKDAYS)}", value in WEEKDAYS
        case "BYDAY":
            expected = "days such as MO,TU or, counted in the month, 1MO,-1FR"
            fits = all(_DAY.fullmatch(day) for day in value.split(","))
        case "UNTIL":
            expected, fits = "a day such as 20301231", _until(value) is not None
        case _:
            least, most, signed = _NUMBERS[name]
            expected = f"from {least} to {most}" + (", or from the end with a minus" if signed else "")
            numbers = value.split(",") if name in _LISTS else [value]
            fits = all(_is_number(number, least, most, signed=signed) for number in numbers)
    if not fits:
        raise BadRule(f"{name} is {expected}; this rule says {value[:40]!r}.", part=name)


def _is_number(text: str, least: int, most: int, *, signed: bool) -> bool:
    digits = text[1:] if signed and text[:1] in ("+", "-") else text
    return digits.isascii() and digits.isdigit() and len(digits) <= 4 and least <= int(digits) <= most


def _until(text: str) -> datetime | None:
    """A day counts to its end. A Z is not heeded: the times of a rule are those of its own zone."""
    for form, rest in (
        ("%Y%m%d", _DAYS_END),
        ("%Y%m%dT%H%M%S", timedelta()),
        ("%Y%m%dT%H%M%SZ", timedelta()),
    ):
        try:
            return datetime.strptime(text, form) + rest
        except (ValueError, OverflowError):
            continue
    return None


def _moved(time: datetime, years: int) -> datetime:
    return time.replace(year=time.year + years)
