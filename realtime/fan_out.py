"""From one stream to its live subscribers: each event alone, or the events of a few milliseconds in one write.

A write to a socket costs about the same for one event as for ten. So an event that comes alone leaves at once, and
those that come while the last ones are hardly out leave together: see `docs/decisions/0004-fan-out.md`. Knows
neither the log nor what a subscriber is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from realtime import metrics
from realtime.log.batch import Batch

# Shorter waits are not worth a timer: the event loop's clock counts in milliseconds.
_SHORTEST_WAIT_S = 0.001


class Prepared:
    """Frames on their way to many sockets: each transport's form is built once, when first needed."""

    __slots__ = ("frames", "sse", "websocket")

    def __init__(self, frames: Sequence[bytes]) -> None:
        self.frames = frames
        self.websocket: bytes | None = None
        self.sse: bytes | None = None


class Subscriber(Protocol):
    """Something that gets a stream's events: a socket's subscription, or a part of the engine."""

    def deliver(self, batch: Batch, prepared: Prepared) -> None:
        """The next events of the stream, in order; `prepared` has transient ones between them.

        Must not block, await or raise.
        """

    def deliver_transient(self, prepared: Prepared) -> None:
        """Events without number; may be dropped."""

    def reset(self) -> None:
        """The stream can't be followed from where it was: start over with a snapshot."""


class FanOut:
    """Who follows a stream live, and what they are to get next.

    `sharing_s` is the longest that an event waits for others; 0 gives every event its own write.
    """

    __slots__ = (
        "_cost_s",
        "_ended_at",
        "_events",
        "_first",
        "_frames",
        "_loop",
        "_sharing_s",
        "_timer",
        "live",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, sharing_s: float) -> None:
        # Insertion order is delivery order. Each has everything before what waits.
        self.live: dict[Subscriber, None] = {}
        self._loop = loop
        self._sharing_s = sharing_s
        # What waits: all frames; the numbered ones among them, and the batch that they began with.
        self._frames: list[bytes] = []
        self._events: list[bytes] = []
        self._first: Batch | None = None
        self._timer: asyncio.TimerHandle | None = None
        # How long the last flush took, and when it was over.
        self._cost_s = 0.0
        self._ended_at = 0.0

    def join(self, subscriber: Subscriber) -> None:
        """From now on it gets what comes. What waits is older than that: the others get it first."""
        self.flush()
        self.live[subscriber] = None

    def leave(self, subscriber: Subscriber) -> None:
        self.live.pop(subscriber, None)

    def events(self, batch: Batch) -> None:
        """The next numbered events."""
        if not self.live:
            return
        if not self._sharing_s:
            for place, frame in enumerate(batch.frames):
                self._deliver(Batch(batch.stream, batch.epoch, batch.first + place, [frame]), [frame])
            return
        self._first = self._first or batch
        self._events.extend(batch.frames)
        self._frames.extend(batch.frames)
        self._flush_soon()

    def transient(self, frame: bytes) -> None:
        """An event without number, behind those that wait."""
        if self.live:
            self._frames.append(frame)
            self._flush_soon()

    def flush(self) -> None:
        """Hands out what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._frames:
            began_at = self._loop.time()
            self._deliver(*self._taken())
            self._ended_at = self._loop.time()
            self._cost_s = self._ended_at - began_at

    def reset(self) -> None:
        """Tells every subscriber to start over; what waits belongs to what was."""
        self._taken()
        for subscriber in list(self.live):
            subscriber.reset()

    def _flush_soon(self) -> None:
        """At once after a pause as long as the last flush; else when that pause, or the longest wait, is over."""
        if self._timer is not None:
            return
        rested_s = self._loop.time() - self._ended_at
        wait_s = min(self._cost_s, self._sharing_s) - rested_s
        if wait_s < _SHORTEST_WAIT_S:
            self.flush()
        else:
            self._timer = self._loop.call_later(wait_s, self.flush)

    def _taken(self) -> tuple[Batch | None, list[bytes]]:
        """What waits, which then waits no longer."""
        first, events, frames = self._first, self._events, self._frames
        self._first, self._events, self._frames = None, [], []
        return first and Batch(first.stream, first.epoch, first.first, events), frames

    def _deliver(self, numbered: Batch | None, frames: Sequence[bytes]) -> None:
        prepared = Prepared(frames)
        metrics.EVENTS_DELIVERED.inc(len(frames) * len(self.live))
        if numbered is None:
            for subscriber in list(self.live):
                subscriber.deliver_transient(prepared)
        else:
            for subscriber in list(self.live):
                subscriber.deliver(numbered, prepared)
