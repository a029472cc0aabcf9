"""The only door out: durable events through the log, transient ones straight to the sockets.

Sync functions work anywhere: views, tasks, services, inside and outside a transaction. The `a…` twins are for
async code. Nothing here waits for Redis: the log is the truth, and a lost notice is found by the hubs.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from realtime import database, failpoints, rows
from realtime.protocol.codec import encode
from realtime.protocol.frames import Cursor
from realtime.protocol.streams import check_stream

logger = logging.getLogger(__name__)


def publish(stream: str, event: Any) -> None:
    """Appends a durable event to `stream`, with the caller's transaction if there is one (G1).

    It gets its number and goes out right after the commit. One INSERT here, four queries after the commit.
    """
    publish_many([(stream, event)])


def publish_many(events: Iterable[tuple[str, Any]]) -> None:
    """`publish` for many `(stream, event)` pairs with one INSERT and one numbering."""
    from realtime.log.append import append  # the log's tables exist once the apps are loaded

    with transaction.atomic():
        streams = append(events)
        _number_after_commit(streams)


def publish_transient(stream: str, event: Any) -> None:
    """Sends an event without a number to whoever is subscribed now: typing, presence. May be lost."""
    from realtime.hub import send_transient
    from realtime.log.batch import frame_of

    frame = frame_of(
        stream=check_stream(stream),
        seq=None,
        name=event.event_name,
        at=timezone.now(),
        data=encode(event),
    )
    send_transient(stream, frame)


async def apublish(stream: str, event: Any) -> None:
    """`publish` from async code; the database work runs in a database thread."""
    await database.run(publish, stream, event)


async def apublish_transient(stream: str, event: Any) -> None:
    """`publish_transient` from async code."""
    await database.run(publish_transient, stream, event)


def lock_known(streams: Collection[str], lock: rows.Lock = rows.Lock.WAIT) -> Any:
    """Asks for the locks that `numbering` takes, together with other questions: see `realtime.log.sequencer`."""
    from realtime.log import sequencer

    return sequencer.lock_known(streams, lock)


@contextmanager
def numbering(streams: Collection[str], lock: rows.Lock = rows.Lock.WAIT, locks: Any = None) -> Iterator[Any]:
    """Numbers given out inside the transaction, for hot paths: see `realtime.log.sequencer.Numbering`.

    The streams stay locked until the transaction ends, so keep it short. Sent after the commit. `locks` comes from
    `lock_known`.
    """
    from realtime.log import sequencer

    with sequencer.numbering(streams, lock, locks) as numbers:
        yield numbers
    transaction.on_commit(lambda: distribute(numbers.batches), robust=True)


def positions(streams: Collection[str]) -> dict[str, Cursor]:
    """Cursors at the heads of `streams`, for a snapshot. Take them *before* the snapshot's own queries:
    an event that both contain is then applied twice, never missed. One query per 500 streams."""
    from realtime.log import read

    return read.positions(streams)


def trim_log(stream: str, before: datetime) -> None:
    """Deletes the events of a stream from before this moment, with the caller's transaction: what they say may no
    longer be kept. Whoever stood before gets `snapshot_required` (G8)."""
    from realtime.log import retention

    with transaction.atomic():
        retention.trim_stream(check_stream(stream), before)


def number_and_distribute(streams: Collection[str]) -> None:
    """Numbers what is pending on `streams` and sends it. Idempotent; any process may do it at any time."""
    from realtime.log.sequencer import number_pending

    distribute(number_pending(streams))


def distribute(batches: Sequence[Any]) -> None:
    """Hands numbered batches to this process' hub, if it has one, and to all others through the layer."""
    from realtime.hub import send_batches

    failpoints.reach("numbered")
    send_batches(batches)
    failpoints.reach("published")


class _Outbox:
    """The streams written by one transaction: numbered together by the first hook that runs."""

    def __init__(self) -> None:
        self.streams: set[str] = set()

    def after_commit(self) -> None:
        streams, self.streams = self.streams, set()
        if not streams:
            return
        failpoints.reach("committed")
        try:
            number_and_distribute(streams)
        except DatabaseError:
            # Committed and safe: the sweep of any web process numbers it within about a second.
            logger.warning("Could not number events right after the commit; the sweep will.", exc_info=True)


def _number_after_commit(streams: set[str]) -> None:
    connection = transaction.get_connection()
    outbox = getattr(connection, "realtime_outbox", None)
    if outbox is None or not connection.run_on_commit:
        outbox = connection.realtime_outbox = _Outbox()
    outbox.streams |= streams
    # One hook per call: a savepoint that rolls back takes its own hooks away, never another's.
    transaction.on_commit(outbox.after_commit, robust=True)
