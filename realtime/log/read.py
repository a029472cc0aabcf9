"""Reads of the log: heads, replay pages, what moved lately."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Now

from realtime.compiled import CompiledQuery
from realtime.log.batch import Batch, frame_of
from realtime.log.models import Event, Log, Stream
from realtime.protocol.frames import Cursor

_CHUNK = 500
_LOG = ""  # no stream has this name


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stream stands; one without events is at 0 in the log's current epoch."""

    epoch: str
    seq: int
    trimmed: int


def heads(streams: Collection[str]) -> dict[str, Head]:
    """The heads of `streams`. One query per 500."""
    found: dict[str, Head] = {}
    for names in _chunks(sorted(streams)):
        found.update((name, Head(epoch, head, trimmed)) for name, epoch, head, trimmed in _heads(names))
    start = found.pop(_LOG, None)
    if len(found) < len(streams):
        start = start or Head(Log.current_epoch(), 0, 0)
        found = {name: found.get(name, start) for name in streams}
    return found


@CompiledQuery
def _heads(names: list[str]) -> QuerySet[Any, Any]:
    """The log's epoch comes along, for streams without events."""
    rows = Stream.objects.filter(name__in=names).values_list("name", "epoch", "head", "trimmed")
    return rows.union(Log.objects.values_list(Value(_LOG), "epoch", Value(0), Value(0)), all=True)


def positions(streams: Collection[str]) -> dict[str, Cursor]:
    """Cursors at the heads of `streams`, for a snapshot; take them *before* the snapshot's own queries."""
    return {name: Cursor(head.epoch, head.seq) for name, head in heads(streams).items()}


def moved_heads(within_s: float) -> dict[str, Head]:
    """The heads of all streams that moved within the last seconds, by the database's clock."""
    rows = Stream.objects.filter(moved_at__gte=Now() - timedelta(seconds=within_s))
    return {row.name: Head(row.epoch, row.head, row.trimmed) for row in rows}


def page_after(stream: str, seq: int, limit: int) -> Batch | None:
    """Up to `limit` events after `seq`, or None where there are none. One query."""
    rows = list(
        Event.objects.filter(stream=stream, seq__gt=seq)
        .order_by("seq")
        .annotate(epoch=Subquery(Stream.objects.filter(name=OuterRef("stream")).values("epoch")))
        .values_list("seq", "name", "at", "data", "epoch")[:limit]
    )
    if not rows:
        return None
    frames = [
        frame_of(stream=stream, seq=number, name=name, at=at, data=data) for number, name, at, data, _ in rows
    ]
    first, *_, epoch = rows[0]
    return Batch(stream, epoch, first or 0, frames)


def _chunks(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), _CHUNK):
        yield names[start : start + _CHUNK]
