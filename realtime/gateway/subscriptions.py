"""A socket's streams: from a cursor to live, back to the log when the socket reads too slowly, and live again.

There is one path for start, recovery and lag: read pages after the cursor until it stands at the stream's head,
then join the live subscribers in the same step of the event loop, so that nothing falls between.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from django.db import DatabaseError

from realtime import conf, metrics
from realtime.errors import BadCursor
from realtime.fan_out import Prepared
from realtime.gateway.receipts import LOOK_BACK_EVENTS
from realtime.hub import Hub, LocalStream
from realtime.log.batch import Batch
from realtime.protocol.frames import Lag, SnapshotRequired, StreamCursor, StreamState

if TYPE_CHECKING:
    from realtime.gateway.session import Session

logger = logging.getLogger(__name__)

_DRAIN_POLL_S = 0.05
_MAX_DRAIN_POLL_S = 0.5
_MAX_SEQ = 2**63 - 1


class Subscription:
    """One stream of one socket. `cursor` is the last event handed to the connection while it is not live; `confirmed`
    is how far its client has said, here or to the socket before, that it has come.
    """

    __slots__ = ("_connection", "_session", "confirmed", "cursor", "epoch", "stream")

    def __init__(self, session: Session, stream: LocalStream, cursor: int) -> None:
        self._session = session
        self._connection = session.connection
        self.stream = stream
        self.epoch = stream.epoch
        self.cursor = cursor
        self.confirmed = max(0, cursor - LOOK_BACK_EVENTS)

    def deliver(self, batch: Batch, prepared: Prepared) -> None:
        if not self._connection.send_at_once(prepared):
            self._deliver_slowly(batch, prepared)

    def _deliver_slowly(self, batch: Batch, prepared: Prepared) -> None:
        """To a client for whom something waits already."""
        self._session.is_slow()
        if self._connection.buffered_bytes > self._session.soft_buffer_bytes:
            self._session.subscriptions.fall_behind(self, batch.first - 1)
        else:
            self._connection.send(prepared)

    def deliver_transient(self, prepared: Prepared) -> None:
        if self._connection.buffered_bytes <= self._session.soft_buffer_bytes:
            self._connection.send(prepared)

    def reset(self) -> None:
        self._session.subscriptions.require_snapshot(self)


class Subscriptions:
    """All streams of one socket, and the one task that brings those behind to their heads."""

    __slots__ = ("_behind", "_by_name", "_catching_up", "_hub", "_session")

    def __init__(self, session: Session, hub: Hub) -> None:
        self._session = session
        self._hub = hub
        self._by_name: dict[str, Subscription] = {}
        self._behind: dict[Subscription, None] = {}
        self._catching_up: asyncio.Task[None] | None = None

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def get(self, name: str) -> Subscription | None:
        return self._by_name.get(name)

    def __len__(self) -> int:
        return len(self._by_name)

    def names(self) -> list[str]:
        return list(self._by_name)

    def state_of(self, stream: LocalStream, wanted: StreamCursor) -> StreamState:
        """Where the stream stands, and whether the client's cursor can be resumed. Raises BadCursor."""
        check_cursor(wanted)
        state = StreamState(stream=stream.name, epoch=stream.epoch, head=stream.head)
        if wanted.seq is None:
            return state
        same_log = wanted.epoch in (stream.epoch, None)
        if is_ahead(stream, wanted):
            raise BadCursor(f"seq {wanted.seq} is beyond the head {stream.head} of {stream.name}.")
        within_reach = wanted.seq >= stream.trimmed and stream.head - wanted.seq <= conf.get(
            "MAX_REPLAY_EVENTS"
        )
        recovered = same_log and within_reach
        return StreamState(stream=stream.name, epoch=stream.epoch, head=stream.head, recovered=recovered)

    def attach(self, stream: LocalStream, wanted: StreamCursor, state: StreamState) -> None:
        """Follows an opened stream from the client's cursor. Call in one step with `state_of`."""
        cursor = stream.head if wanted.seq is None else wanted.seq
        subscription = Subscription(self._session, stream, cursor)
        self._by_name[stream.name] = subscription
        metrics.SUBSCRIPTIONS.inc()
        self._session.followed(stream.name)
        if state.recovered is False:
            self.require_snapshot(subscription)
        elif cursor == stream.head:
            stream.fan_out.join(subscription)
        else:
            self._follow_from_log(subscription)

    def fall_behind(self, subscription: Subscription, cursor: int) -> None:
        """The socket reads too slowly: no more live events of this stream until it has caught up."""
        metrics.LAGGING.inc()
        subscription.cursor = cursor
        subscription.stream.fan_out.leave(subscription)
        self._session.send(Lag(stream=subscription.stream.name, head=subscription.stream.head))
        self._follow_from_log(subscription)

    def require_snapshot(self, subscription: Subscription) -> None:
        """The cursor can't be resumed: says so and lets the stream go (G8)."""
        stream = subscription.stream
        self._session.send(SnapshotRequired(stream=stream.name, epoch=stream.epoch, head=stream.head))
        self.drop(stream.name)

    def drop(self, name: str) -> bool:
        """Leaves a stream. False where it was not followed."""
        subscription = self._by_name.pop(name, None)
        if subscription is None:
            return False
        metrics.SUBSCRIPTIONS.dec()
        subscription.stream.fan_out.leave(subscription)
        self._behind.pop(subscription, None)
        self._hub.close(subscription.stream)
        self._session.unfollowed(name)
        return True

    def drop_all(self) -> None:
        for name in self.names():
            self.drop(name)
        if self._catching_up is not None:
            self._catching_up.cancel()

    # ---- catching up

    def _follow_from_log(self, subscription: Subscription) -> None:
        if self._from_ring(subscription):
            return
        self._behind[subscription] = None
        if self._catching_up is None or self._catching_up.done():
            self._catching_up = self._hub.spawn(self._catch_up())

    def _from_ring(self, subscription: Subscription) -> bool:
        """The short way of a brief absence: everything missed is in memory and the socket has room."""
        stream = subscription.stream
        if self._session.connection.buffered_bytes > 0:
            return False
        batch = stream.after(subscription.cursor, conf.get("REPLAY_PAGE_EVENTS"))
        if batch is None or batch.last != stream.head or sum(map(len, batch.frames)) > self._page_bytes:
            return False
        metrics.REPLAYED.labels("ring").inc(len(batch.frames))
        self._session.connection.send(Prepared(batch.frames))
        stream.fan_out.join(subscription)
        return True

    async def _catch_up(self) -> None:
        page_events: int = conf.get("REPLAY_PAGE_EVENTS")
        while self._behind:
            await self._drained()
            subscription = next(iter(self._behind), None)
            if subscription is None:
                return
            try:
                await self._step(subscription, page_events)
            except DatabaseError:
                logger.warning("Could not read %s for a replay; trying again.", subscription.stream.name)
                await asyncio.sleep(conf.get("HEAL_INTERVAL_S"))

    async def _step(self, subscription: Subscription, page_events: int) -> None:
        """One page of one stream; live when that brought it to the head."""
        stream = subscription.stream
        if subscription.epoch != stream.epoch:
            self.require_snapshot(subscription)  # the log was recreated on the way
            return
        if subscription.cursor < stream.head:
            batch = await self._hub.read_after(stream, subscription.cursor, page_events)
            if subscription not in self._behind:
                return
            if batch is None or batch.first != subscription.cursor + 1 or batch.epoch != stream.epoch:
                self.require_snapshot(subscription)
                return
            batch = beginning_of(batch, self._page_bytes)
            self._session.connection.send(Prepared(batch.frames))
            subscription.cursor = batch.last
        del self._behind[subscription]
        if subscription.cursor >= stream.head:
            stream.fan_out.join(subscription)
        else:
            self._behind[subscription] = None  # to the end: streams take turns

    async def _drained(self) -> None:
        """Waits until the socket has taken most of what it was sent. One that never does is given up elsewhere."""
        wait_s = _DRAIN_POLL_S
        while self._session.connection.buffered_bytes > self._page_bytes:
            self._session.is_slow()
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 1.5, _MAX_DRAIN_POLL_S)

    @property
    def _page_bytes(self) -> int:
        """What a replay sends at a time: with as much still waiting, a slow socket has its soft bound."""
        return self._session.soft_buffer_bytes // 2


def beginning_of(batch: Batch, max_bytes: int) -> Batch:
    """As many of its events as fit in `max_bytes`, and at least one."""
    total = 0
    for count, frame in enumerate(batch.frames):
        total += len(frame)
        if total > max_bytes and count:
            return Batch(batch.stream, batch.epoch, batch.first, batch.frames[:count])
    return batch


def is_ahead(stream: LocalStream, wanted: StreamCursor) -> bool:
    """Whether the client says that it has more of this log than was heard here."""
    return wanted.seq is not None and wanted.seq > stream.head and wanted.epoch in (stream.epoch, None)


def check_cursor(wanted: StreamCursor) -> None:
    """Raises BadCursor for what no server can have given out."""
    seq = wanted.seq
    if seq is not None and not 0 <= seq <= _MAX_SEQ:
        raise BadCursor(f"seq must be from 0 to 2^63-1, and is {seq}.")
    if seq and wanted.epoch is None:
        raise BadCursor("A cursor with a seq needs its epoch.")
