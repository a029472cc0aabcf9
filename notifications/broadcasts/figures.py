"""How a broadcast fares: per channel how many wait for it, have it, got it delivered, saw, read and followed it, or do
not get it and why; and how that went over time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Trunc

from notifications.audiences import people
from notifications.broadcasts.messages import channel_labels
from notifications.broadcasts.progress import progress
from notifications.broadcasts.wording import CATEGORY
from notifications.deliveries.rules import IN_APP, State, Why
from notifications.events import ChannelFigures
from notifications.models import (
    AudienceDelivery,
    AudienceNotification,
    AudienceState,
    Broadcast,
    ChannelChoice,
    Delivery,
    Notification,
)
from notifications.preferences.person import Frequency

# Of the plot: the smallest unit that gives not too many points.
_UNITS = (
    ("second", timedelta(minutes=10)),
    ("minute", timedelta(hours=10)),
    ("hour", timedelta(days=25)),
    ("day", timedelta(days=36500)),
)
_MARKS = ("seen", "read", "clicked")
# Whoever has seen a line has it, whether or not a pong came before.
_ARRIVED = Q(delivered_at__isnull=False) | Q(seen_at__isnull=False)


def channel_figures(broadcast: Broadcast) -> list[ChannelFigures]:
    """The inbox first. A fixed number of queries."""
    counted = _decisions(broadcast)
    labels = channel_labels()
    names = dict.fromkeys([*broadcast.channels, *counted])
    return [
        _in_app(broadcast, counted.get(IN_APP, {}))
        if name == IN_APP
        else _outside(name, labels, counted.get(name, {}))
        for name in names
    ]


def marks_over_time(broadcast: Broadcast, *, now: datetime) -> dict[str, list[tuple[float, int]]]:
    """By mark, the running totals at (seconds since the start, number); {} for what never went out."""
    start = began_at(broadcast)
    if start is None:
        return {}
    span = now - start
    unit = next(name for name, most in _UNITS if span <= most)
    lines, shared = _lines(broadcast)
    arrived = (
        _arrivals(broadcast).annotate(arrived_at=F("at"))
        if shared
        else lines.annotate(arrived_at=Coalesce("delivered_at", "seen_at"))
    )
    return {
        "delivered": _running(arrived, "arrived_at", unit, start),
        **{name: _running(lines, f"{name}_at", unit, start) for name in _MARKS},
    }


def began_at(broadcast: Broadcast) -> datetime | None:
    """When its first occurrence began; None for what never went out."""
    begun = broadcast.occurrences.exclude(started_at=None).order_by("started_at")
    return begun.values_list("started_at", flat=True).first()


def _in_app(broadcast: Broadcast, decided: Mapping[tuple[str, str], int]) -> ChannelFigures:
    """What was placed, from the sending itself; who did not want it, from the decisions."""
    now = progress(broadcast)
    lines, shared = _lines(broadcast)
    marks = {name: Count("pk", filter=Q(**{f"{name}_at__isnull": False})) for name in _MARKS}
    off = {why: number for (state, why), number in decided.items() if state == State.SUPPRESSED}
    if shared and (unwanted := _unwanted(broadcast)):
        off = {Why.PREFERENCE.value: min(unwanted, now.done)}
    suppressed = sum(off.values())
    return ChannelFigures(
        name=IN_APP,
        label=channel_labels()[IN_APP],
        queued=max(0, now.total - now.done),
        sent=now.done - suppressed,
        failed=0,
        suppressed=suppressed,
        why=off,
        delivered=_delivered_shared(broadcast, lines) if shared else lines.filter(_ARRIVED).count(),
        **lines.aggregate(**marks),
    )


def _outside(name: str, labels: Mapping[str, str], decided: Mapping[tuple[str, str], int]) -> ChannelFigures:
    states: Counter[str] = Counter()
    for (state, _), number in decided.items():
        states[state] += number
    return ChannelFigures(
        name=name,
        label=labels.get(name, name),
        queued=states[State.WAITING] + states[State.DIGEST],
        sent=states[State.SENT],
        delivered=states[State.SENT],
        failed=states[State.FAILED],
        suppressed=states[State.SUPPRESSED],
        why={why: number for (state, why), number in decided.items() if state not in {State.SENT}},
    )


def _decisions(broadcast: Broadcast) -> dict[str, dict[tuple[str, str], int]]:
    """By channel, how many decisions of each state and reason there are. One query."""
    rows = Delivery.objects.filter(notice__occurrence__broadcast=broadcast)
    found: dict[str, dict[tuple[str, str], int]] = {}
    counted = rows.order_by().values_list("channel", "state", "why").annotate(Count("pk"))
    for channel, state, why, number in counted:
        found.setdefault(channel, {})[state, why] = number
    return found


def _lines(broadcast: Broadcast) -> tuple[QuerySet[Any], bool]:
    """What people did with it: their own lines, or their marks on the one that is everybody's; and whether it is."""
    if AudienceNotification.objects.filter(occurrence__broadcast=broadcast).exists():
        return AudienceState.objects.filter(notification__occurrence__broadcast=broadcast), True
    return Notification.objects.filter(occurrence__broadcast=broadcast), False


def _arrivals(broadcast: Broadcast) -> QuerySet[AudienceDelivery]:
    return AudienceDelivery.objects.filter(notification__occurrence__broadcast=broadcast)


def _unwanted(broadcast: Broadcast) -> int:
    """How many of its people do not see a line that is everybody's, because of what they have chosen by now."""
    found = people(broadcast.audience())
    if broadcast.critical or found is None:
        return 0
    off = ChannelChoice.objects.filter(category=CATEGORY, channel=IN_APP, frequency=Frequency.OFF)
    return found.filter(pk__in=off.values("user")).count()


def _delivered_shared(broadcast: Broadcast, marks: QuerySet[Any]) -> int:
    """Who confirmed it, and who saw it without that: over HTTP alone."""
    confirmed = _arrivals(broadcast).filter(notification=OuterRef("notification"), user=OuterRef("user"))
    seen = marks.filter(~Exists(confirmed), seen_at__isnull=False)
    return _arrivals(broadcast).count() + seen.count()


def _running(lines: QuerySet[Any], column: str, unit: str, start: datetime) -> list[tuple[float, int]]:
    found = lines.filter(**{f"{column}__isnull": False}).annotate(moment=Trunc(column, unit))
    total, points = 0, []
    for at, number in found.order_by("moment").values_list("moment").annotate(Count("pk")):
        total += number
        points.append((max(0.0, (at - start).total_seconds()), total))
    return points
