"""The hub: one per process. Maps each stream to this process' subscribers and hands them every event once, in order.

It never knows a feature, a socket's protocol or a user's rights: the gateway attaches subscribers that are
already authorised. Events come from this process' own commits, from the channel layer (the fast path, which may
lose anything) and from the log (the truth): see `docs/decisions/0001-numbering-after-commit.md`.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import islice
from typing import Any

from channels.layers import get_channel_layer
from django.db import DatabaseError

from realtime import conf, database, metrics
from realtime.fan_out import FanOut
from realtime.layer import LayerUnavailable
from realtime.layer.counters import Complaint
from realtime.log import read
from realtime.log.batch import Batch
from realtime.log.read import Head
from realtime.log.sequencer import number_pending, streams_with_pending
from realtime.protocol.streams import check_stream, group_of

logger = logging.getLogger(__name__)

_MAX_HELD_BATCHES = 64
_SWEEP_STREAMS = 500
# A stream that nobody here follows any more: who left may be back in a moment, and many leave and return together.
LINGER_S = 30.0
MAX_LINGERING = 20_000
_LET_GO_AT_ONCE = 500  # a storm that does not come back leaves in pieces that no socket feels


class LocalStream:
    """A stream with subscribers in this process: where it stands, its recent events, who follows it live."""

    __slots__ = ("epoch", "fan_out", "head", "held", "loaded", "name", "recent", "trimmed", "users")

    def __init__(self, name: str, ring_events: int, fan_out: FanOut) -> None:
        self.name = name
        # Subscribers that have everything up to `head`, but for what the fan-out is about to give them.
        self.fan_out = fan_out
        self.epoch = ""
        self.head = 0
        # Events up to here are no longer in the log: a cursor below can't be resumed.
        self.trimmed = 0
        self.loaded: asyncio.Future[None] | None = None
        # (seq, frame) of the last events, without holes, ending at `head`.
        self.recent: deque[tuple[int, bytes]] = deque(maxlen=ring_events)
        self.held: list[Batch] = []
        # Everything that keeps this stream here, live or catching up.
        self.users = 0

    def stand_at(self, head: Head) -> None:
        """Takes the log's word for where the stream is."""
        self.epoch, self.head, self.trimmed = head.epoch, head.seq, head.trimmed

    def after(self, seq: int, limit: int) -> Batch | None:
        """Events after `seq` from the recent ones; None where they don't reach back so far."""
        if not self.recent or seq < self.recent[0][0] - 1 or seq >= self.head:
            return None
        skip = seq + 1 - self.recent[0][0]
        frames = [frame for _, frame in list(self.recent)[skip : skip + limit]]
        return Batch(self.name, self.epoch, seq + 1, frames)

    def remember(self, page: Batch) -> None:
        """Keeps what was read from the log where it joins the recent events: the next one missed the same."""
        assert self.recent.maxlen is not None
        oldest = self.recent[0][0] if self.recent else self.head + 1
        if page.epoch == self.epoch and page.first < oldest <= page.last + 1:
            older = list(enumerate(page.frames, page.first))[: oldest - page.first]
            room = self.recent.maxlen - len(self.recent)
            self.recent.extendleft(reversed(older[max(0, len(older) - room) :]))


class Hub:
    """Owns the process' layer channel, its local streams and the tasks that keep them whole."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.streams: dict[str, LocalStream] = {}
        self.layer: Any = get_channel_layer()
        self.channel = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._started: asyncio.Task[None] | None = None
        self._ring_events: int = conf.get("RING_EVENTS")
        self._sharing_s: float = conf.get("WRITE_SHARING_MS") / 1000
        self._handlers: dict[str, Callable[[dict[str, Any]], None]] = {
            "stream.events": self._on_events,
            "stream.transient": self._on_transient,
        }
        self._heal_now = asyncio.Event()
        # Streams whose heads are yet to be read; those that nobody follows, and since when; pages being read.
        self._unread: list[LocalStream] = []
        self._loader: asyncio.Task[None] | None = None
        self._lingering: dict[str, float] = {}
        self._pages: dict[tuple[str, int, int], asyncio.Task[Batch | None]] = {}

    # ---- life

    async def started(self) -> None:
        """Starts the hub at its first use; later callers wait for the same start."""
        if self._started is None:
            self._started = self.loop.create_task(self._start())
        await asyncio.shield(self._started)

    async def _start(self) -> None:
        self.channel = await self.layer.new_channel("hub")
        self.layer.on_reconnect(self._heal_now.set)
        metrics.LAYER_CONNECTED.set_function(lambda: self.layer_connected)
        self.spawn(self._receive())
        self.spawn(self._keep_whole())

    def spawn(self, work: Any) -> asyncio.Task[None]:
        """Runs a coroutine that this hub owns: it is cancelled with the hub, and a crash of it is logged."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("A task of the hub failed", exc_info=error)

    async def stop(self) -> None:
        """Cancels and awaits everything the hub started."""
        tasks: list[asyncio.Task[Any]] = [*self._tasks, *self._pages.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def layer_connected(self) -> bool:
        return bool(self.layer.connected)

    def handle(self, message_type: str, handler: Callable[[dict[str, Any]], None]) -> None:
        """Sends layer messages of this type to `handler`: how presence shares the hub's channel."""
        self._handlers[message_type] = handler

    # ---- subscribers

    async def open(self, names: Collection[str]) -> dict[str, LocalStream]:
        """The local streams of these names, following the log from now on. `close` each one later.

        One query for those that no one here followed lately, shared by all who ask meanwhile; none for the others.
        """
        await self.started()
        found = {name: self._take(name) for name in names}
        try:
            self._load([stream for stream in found.values() if stream.loaded is None])
            waiting = {one.loaded for one in found.values() if one.loaded and not one.loaded.done()}
            for loaded in waiting:
                await asyncio.shield(loaded)
        except BaseException:
            for stream in found.values():
                self.close(stream)
            raise
        return found

    def close(self, stream: LocalStream) -> None:
        """Gives back one use of `open`. After the last one the stream stays for a while, in case of a return."""
        stream.users -= 1
        if stream.users == 0 and self.streams.get(stream.name) is stream:
            if stream.loaded is None or len(self._lingering) >= MAX_LINGERING:
                self._let_go(stream.name)
            else:
                self._lingering[stream.name] = self.loop.time()

    def _let_go(self, name: str) -> None:
        self._lingering.pop(name, None)
        del self.streams[name]
        metrics.STREAMS.dec()
        self.spawn(self._leave(name))

    def let_go_of_old(self, older_than_s: float = LINGER_S) -> None:
        """Lets the streams go that nobody here followed for so long."""
        until = self.loop.time() - older_than_s
        for name, since in list(islice(self._lingering.items(), _LET_GO_AT_ONCE)):
            if since > until:
                return
            self._let_go(name)

    async def catch_up_with(self, ahead: Collection[LocalStream]) -> None:
        """For cursors beyond what was heard here: another process, or a snapshot, may simply have been faster.

        One query, and one more for each stream that really was behind. Raises DatabaseError.
        """
        if ahead:
            heads = await database.run(read.heads, [stream.name for stream in ahead])
            for stream in ahead:
                await self._compare(stream, heads[stream.name])

    async def read_after(self, stream: LocalStream, seq: int, limit: int) -> Batch | None:
        """Up to `limit` events after `seq`, from the recent ones or the log; None where there is none.

        The log may be ahead of what was heard here. The stream takes that too, so that whoever got this page
        and goes live does not get its end once more. Raises DatabaseError.
        """
        batch = stream.after(seq, limit)
        source = "ring"
        if batch is None:
            batch, source = await self._page(stream.name, seq, limit), "log"
            if batch is not None:
                self.accept(batch)
                stream.remember(batch)
        if batch is not None:
            metrics.REPLAYED.labels(source).inc(len(batch.frames))
        return batch

    async def _page(self, name: str, seq: int, limit: int) -> Batch | None:
        """`page_after`, read once for all who want the same page now."""
        key = (name, seq, limit)
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = self.loop.create_task(database.run(read.page_after, *key))
            page.add_done_callback(partial(self._page_read, key))
        return await asyncio.shield(page)

    def _page_read(self, key: tuple[str, int, int], page: asyncio.Task[Batch | None]) -> None:
        del self._pages[key]
        if not page.cancelled():
            page.exception()  # it is those who wait that handle it, if any is left

    def _take(self, name: str) -> LocalStream:
        stream = self.streams.get(name)
        if stream is None:
            fan_out = FanOut(self.loop, self._sharing_s)
            stream = self.streams[check_stream(name)] = LocalStream(name, self._ring_events, fan_out)
            metrics.STREAMS.inc()
        self._lingering.pop(name, None)
        stream.users += 1
        return stream

    def _load(self, fresh: list[LocalStream]) -> None:
        """Has the heads of these read, together with those that others ask for meanwhile."""
        if not fresh:
            return
        loaded: asyncio.Future[None] = self.loop.create_future()
        for stream in fresh:
            stream.loaded = loaded
        self._unread += fresh
        if self._loader is None or self._loader.done():
            self._loader = self.spawn(self._load_unread())

    async def _load_unread(self) -> None:
        while self._unread:
            fresh, self._unread = self._unread, []
            try:
                await self._load_together(fresh)
            except BaseException as error:
                failed = {stream.loaded for stream in fresh if stream.loaded is not None}
                for stream in fresh:
                    stream.loaded = None
                for loaded in failed:
                    loaded.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
                    loaded.exception()
                if not isinstance(error, Exception):
                    raise

    async def _load_together(self, fresh: list[LocalStream]) -> None:
        """Joins the groups first and reads the heads after, so that no event falls between the two."""
        await asyncio.gather(*(self.layer.group_add(group_of(one.name), self.channel) for one in fresh))
        heads = await database.run(read.heads, [stream.name for stream in fresh])
        for stream in fresh:
            stream.stand_at(heads[stream.name])
        for stream in fresh:
            if stream.loaded is not None and not stream.loaded.done():
                stream.loaded.set_result(None)
        for stream in fresh:
            self._release_held(stream)

    async def _leave(self, name: str) -> None:
        if name not in self.streams:
            await self.layer.group_discard(group_of(name), self.channel)
            if name in self.streams:  # somebody opened it again while we were leaving
                await self.layer.group_add(group_of(name), self.channel)

    # ---- events in

    def distribute(self, batches: Sequence[Batch]) -> None:
        """This process' own commits: to its own subscribers at once, to the other processes by the layer."""
        for batch in batches:
            self.layer.publish_nowait(group_of(batch.stream), batch.message(), but=self.channel)
            self.accept(batch)

    def distribute_transient(self, stream: str, frame: bytes) -> None:
        """A transient event, to all processes alike through the layer; only here while Redis is away."""
        if self.layer.connected:
            message = {"type": "stream.transient", "stream": stream, "frame": frame}
            self.layer.publish_nowait(group_of(stream), message)
        else:
            self.accept_transient(stream, frame)

    def accept(self, batch: Batch) -> None:
        """Takes numbered events from anywhere, in any order, any number of times."""
        stream = self.streams.get(batch.stream)
        if stream is None:
            return
        if stream.loaded is None or not stream.loaded.done():
            self._hold(stream, batch)
            return
        if stream.epoch != batch.epoch:
            self._heal_now.set()  # the log was recreated, or this batch is older than its recreation
            return
        if batch.last <= stream.head:
            return
        if batch.first > stream.head + 1:
            self._hold(stream, batch)
            self.loop.call_later(conf.get("GAP_WAIT_MS") / 1000, self._fill_gap, stream)
            return
        self._advance(stream, batch)
        self._release_held(stream)

    def accept_transient(self, name: str, frame: bytes) -> None:
        stream = self.streams.get(name)
        if stream is not None:
            stream.fan_out.transient(frame)

    def _advance(self, stream: LocalStream, batch: Batch) -> None:
        frames = batch.frames[stream.head + 1 - batch.first :]
        fresh = Batch(stream.name, batch.epoch, stream.head + 1, frames)
        for frame in frames:
            stream.head += 1
            stream.recent.append((stream.head, frame))
        metrics.EVENTS_SEQUENCED.inc(len(frames))
        stream.fan_out.events(fresh)

    def _hold(self, stream: LocalStream, batch: Batch) -> None:
        if len(stream.held) < _MAX_HELD_BATCHES:
            stream.held.append(batch)

    def _release_held(self, stream: LocalStream) -> None:
        if stream.held:
            held, stream.held = sorted(stream.held, key=lambda batch: batch.first), []
            for batch in held:
                self.accept(batch)

    def _fill_gap(self, stream: LocalStream) -> None:
        if stream.held and self.streams.get(stream.name) is stream:
            metrics.GAPS.labels("sequence").inc()
            self.spawn(self._catch_up(stream))

    # ---- healing from the log

    async def _catch_up(self, stream: LocalStream) -> None:
        """Reads from the log what the layer did not bring."""
        while self.streams.get(stream.name) is stream:
            held_before = list(stream.held)
            try:
                page = await database.run(read.page_after, stream.name, stream.head, 500)
            except DatabaseError:
                logger.warning("Could not read %s to fill a gap; trying again soon.", stream.name)
                return
            if page is None or page.last <= stream.head:
                # What the log does not have was never numbered: such a notice is not kept.
                stream.held = [batch for batch in stream.held if batch not in held_before]
                return
            if page.first > stream.head + 1:
                # Retention took what was missing: an honest reset instead of a silent hole (G8).
                await self._restart(stream)
                return
            self.accept(page)

    async def _restart(self, stream: LocalStream) -> None:
        """The log was recreated or trimmed past us: adopt its state and tell every subscriber."""
        stream.stand_at((await database.run(read.heads, [stream.name]))[stream.name])
        stream.recent.clear()
        stream.held.clear()
        stream.fan_out.reset()

    async def _keep_whole(self) -> None:
        """Finds what was lost on the way: every second among what moved lately, all after a reconnect."""
        interval_s: float = conf.get("HEAL_INTERVAL_S")
        checked_at = full_at = self.loop.time()
        full = False
        while True:
            # A full check that failed is still owed.
            full = await self._next_check(interval_s) or full
            self.let_go_of_old()
            now = self.loop.time()
            full = full or now - full_at >= conf.get("FULL_CHECK_INTERVAL_S")
            try:
                await self._sweep_outbox()
                await self._compare_heads(None if full else now - checked_at + conf.get("HEAL_WINDOW_S"))
            except DatabaseError as error:
                logger.warning("The database did not answer the check of the log: %s", error)
                continue
            checked_at = now
            if full:
                full_at, full = now, False

    async def _next_check(self, interval_s: float) -> bool:
        """Waits for the next check; True where something asked for a full one."""
        try:
            async with asyncio.timeout(interval_s * random.uniform(0.8, 1.2)):  # noqa: S311
                await self._heal_now.wait()
        except TimeoutError:
            return False
        self._heal_now.clear()
        return True

    async def _sweep_outbox(self) -> None:
        """Numbers committed events whose process died, or is busy, before it could."""
        names = await database.run(streams_with_pending, _SWEEP_STREAMS)
        if names:
            self.distribute(await database.run(number_pending, names))

    async def _compare_heads(self, moved_within_s: float | None) -> None:
        """Against the streams that moved lately, or against all."""
        if not self.streams:
            return
        if moved_within_s is None:
            heads = await database.run(read.heads, list(self.streams))
        else:
            heads = await database.run(read.moved_heads, moved_within_s)
        # The engine's own streams first: access that has ended comes before what may no longer be seen.
        for name, head in sorted(heads.items(), key=lambda item: not item[0].startswith("system:")):
            stream = self.streams.get(name)
            if stream is not None and stream.loaded is not None and stream.loaded.done():
                await self._compare(stream, head)

    async def _compare(self, stream: LocalStream, head: Head) -> None:
        if head.epoch != stream.epoch or head.trimmed > stream.head:
            await self._restart(stream)
        elif head.seq > stream.head:
            metrics.GAPS.labels("check").inc()
            await self._catch_up(stream)

    # ---- the layer's messages

    async def _receive(self) -> None:
        while True:
            message = await self.layer.receive(self.channel)
            if self.layer.overflowed(self.channel):
                self._heal_now.set()
            kind = message.get("type")
            handler = self._handlers.get(kind) if isinstance(kind, str) else None
            if handler is None:
                logger.warning("Ignored a layer message of unknown type %r", str(kind)[:40])
                continue
            try:
                handler(message)
            except Exception:  # whatever anybody wrote into Redis: this task must go on
                logger.warning("Ignored a malformed layer message of type %r", message["type"], exc_info=True)

    def _on_events(self, message: dict[str, Any]) -> None:
        self.accept(Batch.of_message(message))

    def _on_transient(self, message: dict[str, Any]) -> None:
        stream, frame = message["stream"], message["frame"]
        if not isinstance(stream, str) or not isinstance(frame, bytes):
            raise TypeError("not a transient event")
        self.accept_transient(stream, frame)


# ---- the hub of this process

_hub: Hub | None = None


def hub() -> Hub:
    """The hub of the running event loop, made at its first use. Serving processes have one loop."""
    global _hub
    loop = asyncio.get_running_loop()
    if _hub is None or _hub.loop is not loop:
        _hub = Hub(loop)
    return _hub


def running_hub() -> Hub | None:
    """The hub, where this process serves sockets and its loop still runs."""
    return _hub if _hub is not None and _hub.loop.is_running() else None


def send_batches(batches: Sequence[Batch]) -> None:
    """From any thread of any process: numbered events to all hubs. Never raises because Redis is away."""
    if not batches:
        return
    local = running_hub()
    if local is not None:
        local.loop.call_soon_threadsafe(local.distribute, batches)
        return
    _publish_sync([(group_of(batch.stream), batch.message()) for batch in batches])


def send_transient(stream: str, frame: bytes) -> None:
    """From any thread of any process: a transient event to all hubs; lost where Redis is away."""
    local = running_hub()
    if local is not None:
        local.loop.call_soon_threadsafe(local.distribute_transient, stream, frame)
        return
    _publish_sync([(group_of(stream), {"type": "stream.transient", "stream": stream, "frame": frame})])


_complain_away = Complaint("Redis did not take notices for %s; hubs will find them in the log: %s")


def _publish_sync(messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
    layer: Any = get_channel_layer()
    try:
        layer.publish_many_sync(messages)
    except LayerUnavailable as error:
        groups = messages[0][0] if len(messages) == 1 else f"{len(messages)} groups"
        _complain_away(groups, error)
