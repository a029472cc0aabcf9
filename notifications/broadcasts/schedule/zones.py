"""A local date and time in a named zone -> the one moment it means. Pure: the clock is an argument.

Clocks go back: an hour happens twice and the first one is meant. Clocks go forward: the skipped hour does not exist;
`moment_of` refuses it, `moved_moment_of` moves it forward by the length of the gap.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.utils.translation import gettext

from notifications.errors import TimeDoesNotExist, TimeInThePast, TimeTooFarAhead, UnknownTimeZone


@cache
def time_zone_names() -> tuple[str, ...]:
    """Zones a person can choose, sorted; without the historical aliases that have no region, except UTC."""
    named = (
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(("Etc/", "SystemV/", "posix/", "right/"))
    )
    return ("UTC", *sorted(named))


def due_moment(local: datetime, time_zone: str, *, now: datetime, max_ahead_days: int) -> datetime:
    """The UTC moment of the naive `local` time in `time_zone`, checked against `now`.

    Raises UnknownTimeZone, TimeDoesNotExist, TimeInThePast, TimeTooFarAhead.
    """
    _check_year(local, now=now, max_ahead_days=max_ahead_days)
    moment = moment_of(local, time_zone)
    if moment < now:
        raise TimeInThePast
    if moment > now + timedelta(days=max_ahead_days):
        raise TimeTooFarAhead(_too_far(now, max_ahead_days))
    return moment


def moment_of(local: datetime, time_zone: str) -> datetime:
    """The UTC moment of a naive local time; the first of two in the hour that happens twice."""
    moment = moved_moment_of(local, time_zone)
    shown = local_of(moment, time_zone)
    if shown != local:
        raise TimeDoesNotExist(
            f"{local:%Y-%m-%d %H:%M} does not exist in {time_zone}: the clocks go forward then. "
            f"The next time that does is {shown:%Y-%m-%d %H:%M}."
        )
    return moment


def moved_moment_of(local: datetime, time_zone: str) -> datetime:
    """The UTC moment of a naive local time; one that the clocks skip is read with the clock from before the gap."""
    return local.replace(tzinfo=zone_named(time_zone), fold=0).astimezone(UTC)


def local_of(moment: datetime, time_zone: str) -> datetime:
    """What the clock on the wall says then, naive."""
    return moment.astimezone(zone_named(time_zone)).replace(tzinfo=None)


def oddity_of(local: datetime, time_zone: str) -> str:
    """What a person should know about this local time there; mostly nothing."""
    moment = moved_moment_of(local, time_zone)
    shown = local_of(moment, time_zone)
    if shown != local:
        skipped = gettext("The clocks skip %(time)s on that day, so it happens at %(later)s.")
        return skipped % {"time": f"{local:%H:%M}", "later": f"{shown:%H:%M}"}
    second = local.replace(tzinfo=zone_named(time_zone), fold=1).astimezone(UTC)
    if second != moment:
        twice = gettext("The clocks show %(time)s twice on that day; it happens at the first of them.")
        return twice % {"time": f"{local:%H:%M}"}
    return ""


def offset_name(local: datetime, time_zone: str) -> str:
    """How far the zone is from UTC then, such as UTC+05:45."""
    offset = local - moved_moment_of(local, time_zone).replace(tzinfo=None)
    minutes = round(offset.total_seconds() / 60)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def zone_named(name: str) -> ZoneInfo:
    """The zone, or UnknownTimeZone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimeZone from error


def _check_year(local: datetime, *, now: datetime, max_ahead_days: int) -> None:
    # By year first: near years 1 and 9999 the conversion itself would overflow.
    if local.year < now.year - 1:
        raise TimeInThePast
    if local.year > (now + timedelta(days=max_ahead_days)).year + 1:
        raise TimeTooFarAhead(_too_far(now, max_ahead_days))


def _too_far(now: datetime, max_ahead_days: int) -> str:
    return f"This time is too far ahead; the last day possible is {now + timedelta(days=max_ahead_days):%Y-%m-%d}."
