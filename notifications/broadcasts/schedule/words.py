"""A schedule as a person says it."""

from notifications.broadcasts.schedule.rules import WEEKDAYS, Repeats, cron_words, weekdays_of
from notifications.broadcasts.schedule.schedule import OWN_ZONE, Schedule

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def in_words(schedule: Schedule) -> str:
    """For example "2026-12-01 09:00, Europe/Berlin", or "At 09:00 on Monday, in each person's own time zone"."""
    where = "in each person's own time zone" if schedule.zone == OWN_ZONE else schedule.zone
    return ", ".join(part for part in (_times(schedule), where, _end(schedule)) if part)


def _times(schedule: Schedule) -> str:
    match schedule.repeats:
        case Repeats.CRON:
            return cron_words(schedule.rule)
        case Repeats.RRULE:
            start = f"{schedule.start:%H:%M} from {schedule.start:%Y-%m-%d}"
            days = weekdays_of(schedule.rule)
            return f"{schedule.rule}, {start}" if days is None else f"{_days(days)} at {start}"
    return f"{schedule.start:%Y-%m-%d %H:%M}"


def _days(days: list[str]) -> str:
    names = [DAY_NAMES[WEEKDAYS.index(day)] for day in days]
    return f"Every {_listed(names) if names else 'day'}"


def _listed(names: list[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _end(schedule: Schedule) -> str:
    ends = [f"until {schedule.ends_on}"] if schedule.ends_on else []
    ends += [f"{schedule.times} times"] if schedule.times else []
    return " or ".join(ends)
