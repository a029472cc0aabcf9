"""Removes old events, and remembers how far, so that a cursor below is told `snapshot_required` (G8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from realtime import conf
from realtime.log.models import Event, Stream


def trim_old_events(*, days: float | None = None, keep: int | None = None) -> int:
    """Deletes events older than `days`, but keeps the last `keep` of each stream. Returns how many went.

    One short transaction per stream; the trim mark and the deletion commit together.
    """
    before = timezone.now() - timedelta(days=conf.get("RETENTION_DAYS") if days is None else days)
    keep = conf.get("RETENTION_MIN_EVENTS") if keep is None else keep
    old = (
        Event.objects.filter(at__lt=before, seq__isnull=False)
        .values_list("stream")
        .annotate(last=Max("seq"))
        .iterator()
    )
    return sum(_trim(stream, last, keep) for stream, last in list(old))


def trim_stream(name: str, before: datetime) -> int:
    """Deletes the events of one stream that are older than this moment, whatever the retention of all others.

    In the caller's transaction. Returns how many went.
    """
    last = Event.objects.filter(stream=name, at__lt=before, seq__isnull=False).aggregate(last=Max("seq"))[
        "last"
    ]
    return 0 if last is None else _trim(name, last, 0)


def _trim(name: str, last: int, keep: int) -> int:
    with transaction.atomic():
        stream = Stream.objects.select_for_update().get(name=name)
        up_to = min(last, stream.head - keep)
        if up_to <= stream.trimmed:
            return 0
        stream.trimmed = up_to
        stream.save(update_fields=["trimmed"])
        removed, _ = Event.objects.filter(stream=name, seq__lte=up_to).delete()
    return removed
