"""The times of a broadcast as a page shows them: those a schedule would have, and those that are in the table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, islice
from operator import attrgetter

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext

from notifications.broadcasts.schedule import (
    OWN_ZONE,
    Schedule,
    Time,
    coming_times,
    first_moment,
    last_moment,
    oddity_of,
)
from notifications.models import OPEN, Broadcast, Occurrence, Status

SHOWN_TIMES = 5
SHOWN_ROWS = 20


@dataclass(frozen=True, slots=True)
class Coming:
    """One time of a schedule. `utc` is a moment, or from which to which in people's own zones."""

    local: str
    utc: str
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One time of a broadcast that is in the table, over all offsets. `skippable` is the id to skip it by."""

    local: str
    utc: str
    status: str
    label: str
    done: int
    total: int
    remark: str
    skippable: int | None


def coming(schedule: Schedule, *, now: datetime) -> list[Coming]:
    """The next times that it has, at most five."""
    if not schedule.recurs:
        times: Iterable[Time] = [Time(schedule.start, first_moment(schedule.start, schedule.zone))]
    else:
        times = islice(coming_times(schedule, now=now), SHOWN_TIMES)
    return [
        Coming(
            local=_day_and_time(time.local),
            utc=_span(time.at, last_moment(time.local, schedule.zone)),
            remark=oddity_of(time.local, schedule.zone) if schedule.zone != OWN_ZONE else "",
        )
        for time in times
    ]


def table(broadcast: Broadcast, *, now: datetime) -> list[Row]:
    """What is to come, the next one first, and then what was, the last one first. Two queries."""
    latest = broadcast.occurrences.order_by("-local_time").values_list("local_time", flat=True).distinct()
    shown = broadcast.occurrences.filter(local_time__in=list(latest[:SHOWN_ROWS]))
    ordered = shown.order_by("local_time", "due_at", "pk")
    times = [list(same) for _, same in groupby(ordered, key=attrgetter("local_time"))]
    ahead = [same for same in times if same[-1].due_at > now or _status(same) in OPEN]
    past = [same for same in reversed(times) if same not in ahead]
    return [_row(broadcast, same) for same in ahead + past]


def _row(broadcast: Broadcast, same: list[Occurrence]) -> Row:
    """`same` are those of one local time."""
    first, status = same[0], _status(same)
    local = datetime.fromisoformat(first.local_time)
    begins, ends = (
        (first_moment(local, OWN_ZONE), last_moment(local, OWN_ZONE))
        if first.spreads
        else (first.due_at, same[-1].due_at)
    )
    skippable = (one.pk for one in same if one.untouched and broadcast.recurs)
    return Row(
        local=_day_and_time(local),
        utc=_span(begins, ends),
        status=status,
        label=str(status.label),
        done=sum(one.done for one in same),
        total=sum(one.total for one in same),
        remark=_remark(broadcast, same),
        skippable=next(skippable, None),
    )


def _status(same: list[Occurrence]) -> Status:
    """Of all offsets together: the first of these that there is."""
    found = {Status(one.status) for one in same}
    order = (Status.SENDING, Status.SCHEDULED, Status.FAILED, Status.SENT, Status.RECALLED, Status.CANCELLED)
    return next((status for status in order if status in found), Status.SKIPPED)


def _remark(broadcast: Broadcast, same: list[Occurrence]) -> str:
    first = same[0]
    if errors := {one.error for one in same if one.error}:
        return " ".join(gettext(error) for error in sorted(errors))
    if broadcast.time_zone != OWN_ZONE:
        return oddity_of(datetime.fromisoformat(first.local_time), broadcast.time_zone)
    if first.spreads:
        return gettext("When it is that time where each person lives.")
    ended = sum(one.status not in OPEN for one in same)
    over = gettext("Over in %(ended)s of the %(number)s offsets from UTC that people live at.")
    return over % {"ended": ended, "number": len(same)}


def _day_and_time(local: datetime) -> str:
    return f"{WEEKDAYS_ABBR[local.weekday()]} {local:%Y-%m-%d %H:%M}"


def _span(first: datetime, last: datetime) -> str:
    begins, ends = (f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" for moment in (first, last))
    return begins if first == last else gettext("%(first)s to %(last)s") % {"first": begins, "last": ends}
