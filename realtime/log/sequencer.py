"""Gives events their numbers: after commit for the outbox, or inside the transaction for the hot path.

Numbering holds the lock of the stream's row for a moment, so that on one stream numbers appear in order and
without holes to whoever reads. Streams are locked in sorted order, so two numberings cannot deadlock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from realtime.database import set_column
from realtime.log.batch import Batch, frame_of
from realtime.log.models import Event, Log, Stream
from realtime.protocol.codec import encode
from realtime.protocol.streams import check_stream

MAX_BATCH_EVENTS = 200


def number_pending(streams: Collection[str]) -> list[Batch]:
    """Numbers every committed event of `streams` that has no number yet, in the order of writing.

    A fixed number of queries, whatever the number of streams. Returns the batches to send.
    """
    with transaction.atomic():
        rows = _lock(streams)
        pending = _number_pending(rows)
        _save_heads(rows)
    return _batches(rows, pending)


def streams_with_pending(limit: int) -> list[str]:
    """Streams whose outbox was left behind by a process that died, or is just being written."""
    rows = Event.objects.filter(seq__isnull=True).values_list("stream", flat=True).distinct()[:limit]
    return list(rows)


class Numbering:
    """Numbers for events of locked streams, given out inside the caller's transaction."""

    def __init__(self, rows: dict[str, LockedStream], pending: list[Event]) -> None:
        self._rows = rows
        self._pending = pending
        self._fresh: list[Event] = []
        self._now = timezone.now()
        self.batches: list[Batch] = []

    def reserve(self, stream: str) -> int:
        """The next number of `stream`. The event for it must follow with `append`."""
        return self._rows[stream].next()

    def append(self, stream: str, seq: int, event: Any, *, at: datetime | None = None) -> None:
        """The event for a reserved number. Written when the block ends."""
        self._fresh.append(
            Event(
                stream=stream,
                seq=seq,
                name=event.event_name,
                at=at or self._now,
                data=encode(event).decode(),
            )
        )

    def write(self) -> None:
        """Stores events and heads, and leaves the batches to send; `numbering` calls it when its block ends."""
        Event.objects.bulk_create(self._fresh)
        _save_heads(self._rows)
        self.batches = _batches(self._rows, self._pending + self._fresh)


@contextmanager
def numbering(streams: Collection[str]) -> Iterator[Numbering]:
    """Locks `streams` for the rest of the transaction and numbers what is pending on them first."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("numbering() needs a transaction: use it inside transaction.atomic().")
    rows = _lock(streams)
    numbers = Numbering(rows, _number_pending(rows))
    yield numbers
    numbers.write()


@dataclass(slots=True)
class LockedStream:
    """A stream whose row this transaction holds."""

    name: str
    epoch: str
    stored_head: int
    head: int

    def next(self) -> int:
        self.head += 1
        return self.head


def _lock(streams: Collection[str]) -> dict[str, LockedStream]:
    names = sorted({check_stream(name) for name in streams})
    _create_missing([name for name in names if name not in _known_rows])
    found = _locked_rows(names)
    missing = [name for name in names if name not in found]
    if missing:  # known once, and gone: another database stands in the place of that one
        _known_rows.clear()
        _create_missing(missing)
        found |= _locked_rows(missing)
    return found


# Streams whose row this process has seen: creating comes before locking, so that two numberings of streams that
# are both new cannot wait for each other, and costs its query only at a stream's first use.
_known_rows: set[str] = set()
_MAX_KNOWN_ROWS = 100_000


def _create_missing(names: list[str]) -> None:
    if not names:
        return
    there = set(Stream.objects.filter(name__in=names).values_list("name", flat=True))
    missing = [name for name in names if name not in there]
    if missing:
        epoch = Log.current_epoch()
        Stream.objects.bulk_create(
            [Stream(name=name, epoch=epoch) for name in missing], ignore_conflicts=True
        )
        # Not before: until the commit no other thread can lock these rows.
        transaction.on_commit(lambda: _remember(missing))
    _remember(there)


def _remember(names: Collection[str]) -> None:
    if len(_known_rows) > _MAX_KNOWN_ROWS:
        _known_rows.clear()
    _known_rows.update(names)


def _locked_rows(names: list[str]) -> dict[str, LockedStream]:
    rows = Stream.objects.select_for_update().filter(name__in=names).order_by("name")
    return {row.name: LockedStream(row.name, row.epoch, row.head, row.head) for row in rows}


def _number_pending(rows: dict[str, LockedStream]) -> list[Event]:
    pending = list(Event.objects.filter(stream__in=rows.keys(), seq__isnull=True).order_by("id"))
    for event in pending:
        event.seq = rows[event.stream].next()
    if pending:
        set_column(Event, "seq", {event.pk: event.seq for event in pending})
    return pending


def _save_heads(rows: dict[str, LockedStream]) -> None:
    """Writes each head that moved: one query per distinct step, so one where each stream moved by one."""
    steps: dict[int, list[str]] = defaultdict(list)
    for row in rows.values():
        if row.head != row.stored_head:
            steps[row.head - row.stored_head].append(row.name)
    for step, names in steps.items():
        Stream.objects.filter(name__in=names).update(head=F("head") + step, moved_at=Now())


def _batches(rows: dict[str, LockedStream], events: list[Event]) -> list[Batch]:
    by_stream: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_stream[event.stream].append(event)
    return [batch for stream, run in by_stream.items() for batch in _runs(rows[stream], run)]


def _runs(row: LockedStream, events: list[Event]) -> Iterator[Batch]:
    """The events in order, in batches that stay small enough for one message of the layer."""
    events.sort(key=_seq)
    for start in range(0, len(events), MAX_BATCH_EVENTS):
        yield _batch(row, events[start : start + MAX_BATCH_EVENTS])


def _batch(row: LockedStream, events: list[Event]) -> Batch:
    frames = [
        frame_of(stream=row.name, seq=event.seq, name=event.name, at=event.at, data=event.data)
        for event in events
    ]
    return Batch(row.name, row.epoch, _seq(events[0]), frames)


def _seq(event: Event) -> int:
    assert event.seq is not None
    return event.seq
