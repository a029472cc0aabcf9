"""Gives events their numbers: after commit for the outbox, or inside the transaction for the hot path.

Numbering holds the lock of the stream's row for a moment, so that on one stream numbers appear in order and
without holes to whoever reads. Streams are locked in sorted order, so two numberings cannot deadlock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from realtime import rows
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
        locked = _lock(streams, rows.Lock.WAIT)
        pending = _number_pending(locked, locked)
        _save_heads(locked.values())
    return _batches(locked, pending)


def streams_with_pending(limit: int) -> list[str]:
    """Streams of events, `limit` at most, that a process left behind when it died, or that are just being written."""
    # In this order SQLite takes the index of what is pending; asked for distinct names it reads that of all events.
    pending = Event.objects.filter(seq__isnull=True).order_by("stream", "id")
    return sorted(set(pending.values_list("stream", flat=True)[:limit]))


@dataclass(frozen=True, slots=True)
class NumberedEvent:
    """An event as it is stored and sent; `data` is JSON."""

    stream: str
    seq: int
    name: str
    at: datetime
    data: bytes


class Numbering:
    """Numbers for events of locked streams, given out inside the caller's transaction."""

    def __init__(self, streams: dict[str, LockedStream], pending: list[NumberedEvent]) -> None:
        self._streams = streams
        self._pending = pending
        self._fresh: list[NumberedEvent] = []
        self._now = timezone.now()
        self.batches: list[Batch] = []

    def __contains__(self, stream: str) -> bool:
        """Whether the stream is locked: always, unless held ones were to be skipped."""
        return stream in self._streams

    def reserve(self, stream: str) -> int:
        """The next number of `stream`. The event for it must follow with `append`."""
        return self._streams[stream].next()

    def append(self, stream: str, seq: int, event: Any, *, at: datetime | None = None) -> None:
        """The event for a reserved number. Written when the block ends."""
        self._fresh.append(NumberedEvent(stream, seq, event.event_name, at or self._now, encode(event)))

    def write(self) -> None:
        """Stores events and heads, and leaves the batches to send; `numbering` calls it when its block ends."""
        rows.insert(
            Event,
            ("stream", "seq", "name", "at", "data"),
            [(event.stream, event.seq, event.name, event.at, event.data.decode()) for event in self._fresh],
        )
        _save_heads(self._streams.values())
        self.batches = _batches(self._streams, self._pending + self._fresh)


class Locks:
    """Locks that a transaction has asked for, and on which of the streams something is pending, read behind them."""

    def __init__(self, names: Collection[str], lock: rows.Lock) -> None:
        self._locked = _ask_for_locks(names, lock)
        self._pending = rows.select(
            Event, ("stream",), ("stream",), [(name,) for name in names], only="seq IS NULL"
        )

    def held(self) -> dict[str, LockedStream]:
        """By name, those that are locked now."""
        return _by_name(self._locked)

    def pending(self) -> set[str]:
        """On a hot path nearly always none."""
        return {stream for (stream,) in self._pending}


def lock_known(streams: Collection[str], lock: rows.Lock) -> Locks | None:
    """Asks for locks before it is certain who will be numbered, so that `numbering` need not wait for them.

    None where this process has not seen all of their rows: rows are made before any lock is taken, and only for
    streams that are written to.
    """
    return Locks(streams, lock) if _known_rows.issuperset(streams) else None


@contextmanager
def numbering(
    streams: Collection[str], lock: rows.Lock = rows.Lock.WAIT, locks: Locks | None = None
) -> Iterator[Numbering]:
    """Locks `streams` for the rest of the transaction and numbers what is pending on them first.

    `locks` are those that the transaction has asked for already: of these streams, and maybe of others.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("numbering() needs a transaction: use it inside transaction.atomic().")
    names = {check_stream(name) for name in streams}
    if locks is None:
        _create_missing(names - _known_rows)
        locks = Locks(names, lock)
    held = locks.held()
    if names - held.keys():
        held |= _lock_missing(names - held.keys(), lock)
        locks = Locks(held.keys() & names, lock)
    locked = {name: held[name] for name in names & held.keys()}
    numbers = Numbering(locked, _number_pending(locked, locks.pending() & locked.keys()))
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


def _lock(streams: Collection[str], lock: rows.Lock) -> dict[str, LockedStream]:
    names = {check_stream(name) for name in streams}
    _create_missing(names - _known_rows)
    found = _by_name(_ask_for_locks(names, lock))
    if found.keys() < names:
        found |= _lock_missing(names - found.keys(), lock)
    return found


def _lock_missing(names: set[str], lock: rows.Lock) -> dict[str, LockedStream]:
    """Those held by another, to be skipped, stay away; those known once, and gone with their database, are made."""
    _known_rows.difference_update(names)
    _create_missing(names)
    return _by_name(_ask_for_locks(names, lock))


# Streams whose row this process has seen: creating comes before locking, so that two numberings of streams that
# are both new cannot wait for each other, and costs its query only at a stream's first use.
_known_rows: set[str] = set()
_MAX_KNOWN_ROWS = 100_000


def _create_missing(names: set[str]) -> None:
    if not names:
        return
    there = set(Stream.objects.filter(name__in=names).values_list("name", flat=True))
    missing = sorted(names - there)
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


def _ask_for_locks(names: Collection[str], lock: rows.Lock) -> rows.Answer:
    return rows.select(Stream, ("name", "epoch", "head"), ("name",), [(name,) for name in names], lock=lock)


def _by_name(found: Iterable[rows.Row]) -> dict[str, LockedStream]:
    return {name: LockedStream(name, epoch, head, head) for name, epoch, head in found}


def _number_pending(streams: dict[str, LockedStream], waiting: Collection[str]) -> list[NumberedEvent]:
    if not waiting:
        return []
    numbers: dict[int, int] = {}
    pending: list[NumberedEvent] = []
    events = Event.objects.filter(stream__in=waiting, seq__isnull=True).order_by("id")
    for pk, stream, name, at, data in events.values_list("id", "stream", "name", "at", "data"):
        numbers[pk] = streams[stream].next()
        pending.append(NumberedEvent(stream, numbers[pk], name, at, data.encode()))
    if numbers:
        rows.set_column(Event, "seq", numbers)
    return pending


def _save_heads(streams: Iterable[LockedStream]) -> None:
    moved = {stream.name: stream.head for stream in streams if stream.head != stream.stored_head}
    if moved:
        rows.set_column(Stream, "head", moved, touched="moved_at")


def _batches(streams: dict[str, LockedStream], events: Iterable[NumberedEvent]) -> list[Batch]:
    by_stream: dict[str, list[NumberedEvent]] = defaultdict(list)
    for event in events:
        by_stream[event.stream].append(event)
    return [batch for stream, run in by_stream.items() for batch in _runs(streams[stream], run)]


def _runs(stream: LockedStream, events: list[NumberedEvent]) -> Iterator[Batch]:
    """The events in order, in batches that stay small enough for one message of the layer."""
    events.sort(key=lambda event: event.seq)
    for start in range(0, len(events), MAX_BATCH_EVENTS):
        run = events[start : start + MAX_BATCH_EVENTS]
        frames = [
            frame_of(stream=event.stream, seq=event.seq, name=event.name, at=event.at, data=event.data)
            for event in run
        ]
        yield Batch(stream.name, stream.epoch, run[0].seq, frames)
