"""From a schedule to rows: the occurrences that come next, and those that nobody began in time.

A series has a few of its next occurrences in the table; beats make more as those fall due, any number of beats one of
each. So what falls due while everything is switched off is in the table later too, and `stale_at` says what becomes
of it: the latest one is begun, if it is not too late for it; older ones are skipped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import chain, islice, pairwise

import msgspec
from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext_noop

from notifications.broadcasts.progress import UNTOUCHED, broadcast_locked, save_and_tell, settle
from notifications.broadcasts.schedule import (
    OWN_ZONE,
    Bounds,
    Schedule,
    Time,
    coming_times,
    first_moment,
    last_moment,
    offset_name,
    times_after,
)
from notifications.conf import numbers
from notifications.models import Broadcast, Occurrence, Share, Status
from notifications.preferences.selectors import zones_of

TOO_LATE = gettext_noop("Nothing could send it in time: the next one was due then, or it was too late.")


def bounds() -> Bounds:
    limits = numbers()
    return Bounds(max_ahead_days=limits.max_ahead_days, min_minutes_between=limits.min_minutes_between)


def at_once(now: datetime) -> Schedule:
    """What "now" is written down as."""
    return Schedule(start=now.astimezone(UTC).replace(tzinfo=None))


def begin_plan(broadcast: Broadcast, schedule: Schedule, *, now: datetime, total: int = 0) -> None:
    """Makes the first occurrences of a broadcast that has none to come, and saves it; the caller holds its lock.

    `total` is how many people it reaches as far as is known now.
    """
    broadcast.schedule, broadcast.plan_at = schedule, None
    if schedule.recurs:
        first = next(coming_times(schedule, now=now))
        broadcast.planned_to = _text(first.local - timedelta(seconds=1))
        plan(broadcast, now=now, total=total)
    else:
        time = Time(schedule.start, first_moment(schedule.start, schedule.zone))
        _occurrence(broadcast, time, None, total=total, now=now).save()
    broadcast.save()


def plan(broadcast: Broadcast, *, now: datetime, total: int = 0) -> None:
    """Makes occurrences until enough are to come, at most a chunk of them; the caller holds the lock, and saves."""
    limits = numbers()
    coming = broadcast.occurrences.filter(status=Status.SCHEDULED, due_at__gt=now)
    lacking = limits.planned_ahead - coming.count()
    times = times_after(broadcast.schedule, datetime.fromisoformat(broadcast.planned_to))
    made: list[Occurrence] = []
    over = True
    for time, following in pairwise(chain(times, [None])):
        if lacking <= 0 or len(made) == limits.plan_chunk:
            over = False
            break
        assert time is not None
        made.append(_occurrence(broadcast, time, following, total=0 if made else total, now=now))
        lacking -= made[-1].due_at > now
    Occurrence.objects.bulk_create(made, ignore_conflicts=True)
    if made:
        broadcast.planned_to = made[-1].local_time
    next_due = coming.aggregate(due=Min("due_at"))["due"]
    broadcast.plan_at = None if over else now if lacking > 0 else next_due


def plan_due(now: datetime) -> None:
    """Goes on with the series of which an occurrence has fallen due."""
    due = Broadcast.objects.filter(plan_at__lte=now)
    for broadcast_id in due.order_by("plan_at").values_list("pk", flat=True)[: numbers().claim_batch]:
        with transaction.atomic():
            broadcast = due.select_for_update(of=("self",)).filter(pk=broadcast_id).first()
            if broadcast is not None:
                plan(broadcast, now=now)
                broadcast.save()


def skip_missed(now: datetime) -> None:
    """Ends what was not begun in time."""
    missed = Occurrence.objects.filter(UNTOUCHED, due_at__lte=now, stale_at__lte=now)
    series = missed.order_by("broadcast").values_list("broadcast", flat=True).distinct()
    for broadcast_id in series[: numbers().claim_batch]:
        with transaction.atomic():
            broadcast = broadcast_locked(broadcast_id)
            late = missed.filter(broadcast=broadcast)
            if late.update(status=Status.SKIPPED, error=TOO_LATE, started_at=None, finished_at=now):
                settle(broadcast)
                save_and_tell(broadcast)


def spread(broadcast: Broadcast, occurrence: Occurrence, user_ids: Iterable[int]) -> bool:
    """Makes, of an occurrence of each recipient's own zone, one for each offset from UTC that these people live at;
    whether there is one. Who moves afterwards gets it when they would have got it before.
    """
    local = datetime.fromisoformat(occurrence.local_time)
    following = next(times_after(broadcast.schedule, local), None) if broadcast.recurs else None
    size = numbers().chunk_recipients
    regions = sorted(_regions(local, user_ids).items())
    for offset, region in regions:
        part = Occurrence.objects.create(
            broadcast=broadcast,
            local_time=occurrence.local_time,
            zone=offset,
            due_at=first_moment(local, next(iter(region.zones))),
            stale_at=_stale_at(broadcast, local, following, region.zones),
            total=len(region.user_ids),
        )
        chunks = (region.user_ids[start : start + size] for start in range(0, part.total, size))
        Share.objects.bulk_create(
            Share(occurrence=part, user_ids=msgspec.json.encode(chunk).decode()) for chunk in chunks
        )
    return bool(regions)


@dataclass(frozen=True, slots=True)
class _Region:
    """Whose clocks show the same at some local time."""

    zones: set[str] = field(default_factory=set)
    user_ids: list[int] = field(default_factory=list)


def _regions(local: datetime, user_ids: Iterable[int]) -> dict[str, _Region]:
    """By offset from UTC."""
    offset_of = cache(partial(offset_name, local))
    regions: dict[str, _Region] = defaultdict(_Region)
    ids = iter(user_ids)
    while chunk := list(islice(ids, numbers().zones_chunk)):
        for user_id, zone in zones_of(chunk).items():
            region = regions[offset_of(zone.key)]
            region.zones.add(zone.key)
            region.user_ids.append(user_id)
    return regions


def _occurrence(
    broadcast: Broadcast, time: Time, following: Time | None, *, total: int, now: datetime
) -> Occurrence:
    zone = broadcast.time_zone
    before = timedelta(seconds=numbers().spread_before_s) if zone == OWN_ZONE else timedelta()
    return Occurrence(
        broadcast=broadcast,
        local_time=_text(time.local),
        zone=zone,
        due_at=time.at - before,
        stale_at=_stale_at(broadcast, time.local, following, [zone]),
        total=total,
        counted_at=now if total else None,
    )


def _stale_at(
    broadcast: Broadcast, local: datetime, following: Time | None, zones: Iterable[str]
) -> datetime | None:
    """When it is too late, or the next one is due, in the first of these zones."""
    if not broadcast.recurs:
        return None
    late = timedelta(hours=numbers().catch_up_hours)
    ends = [last_moment(local, zone) + late for zone in zones]
    if following is not None:
        ends += [last_moment(following.local, zone) for zone in zones]
    return min(ends)


def _text(local: datetime) -> str:
    return local.isoformat(timespec="seconds")
