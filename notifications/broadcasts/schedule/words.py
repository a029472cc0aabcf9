"""A schedule as a person says it, in the language that is active."""

from django.utils.dates import WEEKDAYS as _NAMES
from django.utils.translation import get_language, gettext, ngettext

from notifications.broadcasts.schedule.rules import WEEKDAYS, Repeats, cron_words, weekdays_of
from notifications.broadcasts.schedule.schedule import OWN_ZONE, Schedule

# Django has them in every language.
DAY_NAMES = tuple(_NAMES.values())


def in_words(schedule: Schedule) -> str:
    """For example "2026-12-01 09:00, Europe/Berlin", or "At 09:00 on Monday, in each person's own time zone"."""
    where = gettext("in each person's own time zone") if schedule.zone == OWN_ZONE else schedule.zone
    return ", ".join(part for part in (_times(schedule), where, _end(schedule)) if part)


def _times(schedule: Schedule) -> str:
    match schedule.repeats:
        case Repeats.CRON:
            return _cron(schedule.rule)
        case Repeats.RRULE:
            start = {"time": f"{schedule.start:%H:%M}", "day": f"{schedule.start:%Y-%m-%d}"}
            days = weekdays_of(schedule.rule)
            if days is None:
                return gettext("%(rule)s, %(time)s from %(day)s") % {"rule": schedule.rule, **start}
            return gettext("%(days)s at %(time)s from %(day)s") % {"days": _days(days), **start}
    return f"{schedule.start:%Y-%m-%d %H:%M}"


def _cron(rule: str) -> str:
    # Its words are English: whoever reads another language gets the rule itself.
    if (get_language() or "en").startswith("en"):
        return cron_words(rule)
    return gettext("by the cron rule %(rule)s") % {"rule": rule}


def _days(days: list[str]) -> str:
    if not days:
        return gettext("Every day")
    names = [str(DAY_NAMES[WEEKDAYS.index(day)]) for day in days]
    return gettext("Every %(days)s") % {"days": _listed(names)}


def _listed(names: list[str]) -> str:
    *others, last = names
    return gettext("%(days)s and %(day)s") % {"days": ", ".join(others), "day": last} if others else last


def _end(schedule: Schedule) -> str:
    until = gettext("until %(day)s") % {"day": schedule.ends_on} if schedule.ends_on else ""
    if not schedule.times:
        return until
    times = ngettext("%(number)s time", "%(number)s times", schedule.times) % {"number": schedule.times}
    return gettext("%(until)s or %(times)s") % {"until": until, "times": times} if until else times
