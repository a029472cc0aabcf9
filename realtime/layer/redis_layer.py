"""The channel layer: Channels' send, receive and groups over Redis pub/sub, with its losses visible.

Owns names, serialization and the choice of the way to Redis: a loop that receives has its own connections
(`LoopSide`); anything else (Celery tasks, sync views, `async_to_sync`) goes through one thread-safe client
per process, so a short-lived loop leaves nothing behind. Why: docs/decisions/0002-channel-layer.md.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import time
import uuid
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import redis
from channels.exceptions import ChannelFull
from channels.layers import BaseChannelLayer
from channels_redis.serializers import registry

from . import named
from .counters import Complaint, Counters
from .errors import LayerUnavailable
from .hosts import Host, HostSettings, read_hosts, shard_of
from .loop_side import Callback, LoopSide
from .mailbox import Mailbox

logger = logging.getLogger("realtime.layer")

Message = Mapping[str, Any]
SYNC_CONNECTIONS = 8

_complain_dropped = Complaint("A message for group %s was not published: Redis is away or behind.")
_complain_unreadable = Complaint("A message on channel %s could not be read (%s) and was ignored.")


class RedisLayer(BaseChannelLayer):  # type: ignore[misc]
    """`BACKEND: "realtime.layer.RedisLayer"`.

    url or hosts: one Redis, or several over which channels and groups are spread (same list everywhere).
    prefix: what the names in Redis begin with; two projects on one Redis need different ones.
    capacity: messages that may wait for one channel; expiry: seconds after which a waiting one is dropped.
    channel_capacity: {glob: capacity} for single channels.
    publish_timeout_s: how long an awaited publish may take; max_queued_publishes: those in memory, per host.
    symmetric_encryption_keys, serializer_format: as in channels_redis.
    """

    extensions = ["groups", "flush"]

    def __init__(
        self,
        *,
        url: str | None = None,
        hosts: Sequence[HostSettings] | None = None,
        prefix: str = "carillon",
        capacity: int = 256,
        expiry: float = 60,
        channel_capacity: Mapping[str, int] | None = None,
        publish_timeout_s: float = 1.0,
        max_queued_publishes: int = 10_000,
        symmetric_encryption_keys: Sequence[str] | None = None,
        serializer_format: str = "msgpack",
    ) -> None:
        super().__init__(expiry=expiry, capacity=capacity)
        self.channel_capacity = self.compile_capacities(dict(channel_capacity or {}))
        self.prefix = prefix
        self.counters = Counters()
        self._serializer = registry.get_serializer(
            serializer_format, symmetric_encryption_keys=symmetric_encryption_keys
        )
        self._publish_timeout_s = publish_timeout_s
        self._max_queued = max_queued_publishes
        self._hosts = [
            Host(settings, timeout_s=publish_timeout_s, sync_connections=SYNC_CONNECTIONS)
            for settings in read_hosts(url, hosts)
        ]
        self._start_process()
        _reset_in_child(self)

    def _start_process(self) -> None:
        """What belongs to this process alone: nothing of it may survive a fork."""
        self._process = uuid.uuid4().hex
        self._sides: dict[asyncio.AbstractEventLoop, LoopSide] = {}
        self._clients = [host.sync_client() for host in self._hosts]
        self._threads = ThreadPoolExecutor(SYNC_CONNECTIONS, thread_name_prefix="layer-publish")

    # ------------------------------------------------------------------ Channels' contract

    async def send(self, channel: str, message: Message) -> None:
        """Raises ChannelFull when a channel of this loop is full, LayerUnavailable when Redis is away."""
        self.require_valid_channel_name(channel)
        payload = self._encode(message)
        if "!" not in channel:
            await self._append(channel, payload)
            return
        side = self._side_here()
        mailbox = side.mailboxes.get(channel) if side is not None else None
        if mailbox is None:
            await self._publish(self._channel_subject(channel), payload)
            return
        if not mailbox.room_for_send:
            raise ChannelFull
        mailbox.on_the_way += 1
        try:
            await self._publish(self._channel_subject(channel), payload)
        except BaseException:
            mailbox.on_the_way = max(0, mailbox.on_the_way - 1)
            raise

    async def new_channel(self, prefix: str = "specific.") -> str:
        """A name that only this loop receives on; forgotten some seconds after its last receive()."""
        channel = f"{prefix}{self._process}!{uuid.uuid4().hex}"
        self.require_valid_channel_name(channel)
        await self._open(channel)
        return channel

    async def receive(self, channel: str) -> dict[str, Any]:
        """The next message of the channel; waits as long as it takes, also while Redis is away."""
        self.require_valid_channel_name(channel)
        side = self._side()
        mailbox = side.mailboxes.get(channel) or await self._open(channel)
        while True:
            payload = await side.take(mailbox, lambda: self._drop(side, channel))
            try:
                message = self._serializer.deserialize(payload)
            except Exception as error:  # whatever a stranger wrote into Redis must not end a consumer
                self._unreadable(channel, error)
                continue
            if isinstance(message, dict):
                return message
            self._unreadable(channel, TypeError(f"expected a dict, got {type(message).__name__}"))

    async def group_add(self, group: str, channel: str) -> None:
        """Waits at most 1 s for Redis to confirm; with Redis away it takes effect when Redis is back."""
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        side = self._side()
        if channel not in side.mailboxes:
            if "!" in channel:
                raise RuntimeError(
                    f"group_add() got the channel {channel!r}, which does not live in this process. Call it "
                    "where the channel was made: self.channel_layer.group_add(group, self.channel_name)."
                )
            await self._open(channel)
        await side.join_group(group, channel, self._group_subject(group))

    async def group_discard(self, group: str, channel: str) -> None:
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        side = self._side_here()
        if side is not None:
            side.leave_group(group, channel, self._group_subject(group))

    async def group_send(self, group: str, message: Message) -> None:
        """Raises LayerUnavailable when Redis did not confirm; a full channel drops it (see `overflowed`)."""
        self.require_valid_group_name(group)
        await self._publish(self._group_subject(group), self._encode(message))

    async def flush(self) -> None:
        """Forget every channel and group of this loop and every waiting message with our prefix."""
        side = self._sides.pop(asyncio.get_running_loop(), None)
        if side is not None:
            await side.aclose()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, self._flush_lists)

    # ------------------------------------------------------------------ beyond the contract

    async def drop_channel(self, channel: str) -> None:
        """Forget a channel now, with its groups."""
        side = self._side_here()
        if side is not None:
            self._drop(side, channel)

    def publish_nowait(self, group: str, message: Message, *, but: str = "") -> bool:
        """Best effort, from any thread, never waits in a loop. False when it was dropped (and counted).

        `but` is a channel of this loop that knows the message already: it is spared reading what comes back.
        """
        self.require_valid_group_name(group)
        subject, payload = self._group_subject(group), self._encode(message)
        side = self._side_here()
        if side is not None:
            published = self._submit(side, subject, payload)
            if published and but:
                side.spare(but, subject, payload)
            return published
        side = self._any_side()
        if side is not None:
            try:
                side.loop.call_soon_threadsafe(self._submit, side, subject, payload)
            except RuntimeError:  # that loop closed in this very moment
                pass
            else:
                return True
        self._threads.submit(self._publish_quietly, subject, payload)
        return True

    def publish_sync(self, group: str, message: Message) -> int:
        """From a thread. The number of processes that got it; LayerUnavailable after about 1 s."""
        self.require_valid_group_name(group)
        subject = self._group_subject(group)
        return int(self._execute_sync(subject, "PUBLISH", subject, self._encode(message)))

    def publish_many_sync(self, messages: Iterable[tuple[str, Message]]) -> None:
        """`publish_sync` for many `(group, message)` in one round trip per host; LayerUnavailable after about 1 s."""
        by_host: dict[int, list[tuple[str, bytes]]] = {}
        for group, message in messages:
            self.require_valid_group_name(group)
            subject = self._group_subject(group)
            by_host.setdefault(shard_of(subject, len(self._clients)), []).append(
                (subject, self._encode(message))
            )
        for host, published in by_host.items():
            pipeline = self._clients[host].pipeline(transaction=False)
            for subject, payload in published:
                pipeline.publish(subject, payload)
            with _or_unavailable():
                pipeline.execute()

    def ask_sync(self, group: str, message: Message, *, timeout_s: float) -> list[Any]:
        """From a thread: publishes a question, and gathers what each process that got it says to `answer_to`.

        That group's name is added to the message. Returns what has come when all have answered, or after `timeout_s`:
        a process that hangs is not waited for any longer. LayerUnavailable without Redis.
        """
        self.require_valid_group_name(group)
        answer_to = f"answers.{uuid.uuid4().hex}"
        subject = self._group_subject(answer_to)
        answers: list[Any] = []
        client: Any = self._clients[shard_of(subject, len(self._clients))]
        with _or_unavailable(), client.pubsub() as listening:
            listening.subscribe(subject)
            listening.get_message(timeout=self._publish_timeout_s)  # that it is in force
            asked = self.publish_sync(group, {**message, "answer_to": answer_to})
            deadline = time.monotonic() + timeout_s
            while len(answers) < asked and (left := deadline - time.monotonic()) > 0:
                received = listening.get_message(timeout=left)
                if received is not None and received["type"] == "message":
                    answers.append(self._serializer.deserialize(received["data"]))
        return answers

    def overflowed(self, channel: str) -> bool:
        """Whether group messages for this channel were dropped since the last call."""
        side = self._side_here()
        mailbox = side.mailboxes.get(channel) if side is not None else None
        return mailbox is not None and mailbox.take_loss()

    async def alive(self, channels: Collection[str]) -> set[str]:
        """Those of `channels` (from new_channel, any process) whose process listens to Redis now."""
        by_host: dict[int, dict[str, str]] = {}
        for channel in channels:
            subject = self._channel_subject(channel)
            by_host.setdefault(shard_of(subject, len(self._hosts)), {})[subject] = channel
        result: set[str] = set()
        for subjects in by_host.values():
            flat = await self._execute(next(iter(subjects)), "PUBSUB", "NUMSUB", *subjects)
            counts = zip(flat[::2], flat[1::2], strict=True)
            result.update(subjects[name.decode()] for name, count in counts if count)
        return result

    @property
    def generation(self) -> int:
        """Rises when a lost connection is back with every subscription confirmed: anything may be missing."""
        side = self._side_here() or self._any_side()
        return side.generation if side is not None else 0

    @property
    def connected(self) -> bool:
        """Whether every subscription of this loop (or, outside of a loop, of the process) is in force."""
        side = self._side_here() or self._any_side()
        return side is not None and side.connected

    def on_reconnect(self, callback: Callback) -> Callable[[], None]:
        """Run `callback` in this loop after each rise of `generation` that may hide a loss."""
        return _registered(self._side().up_callbacks, callback)

    def on_disconnect(self, callback: Callback) -> Callable[[], None]:
        """Run `callback` in this loop when the connection is lost. Returns its removal."""
        return _registered(self._side().down_callbacks, callback)

    async def aclose(self) -> None:
        """Close what belongs to this loop and the process' idle connections; the layer can be used again."""
        side = self._sides.pop(asyncio.get_running_loop(), None)
        if side is not None:
            await side.aclose()
        for client in self._clients:
            client.connection_pool.disconnect(inuse_connections=False)

    # ------------------------------------------------------------------ names and bytes

    def _channel_subject(self, channel: str) -> str:
        return f"{self.prefix}.channel.{channel}"

    def _group_subject(self, group: str) -> str:
        return f"{self.prefix}.group.{group}"

    def _list_key(self, channel: str) -> str:
        return f"{self.prefix}.waiting.{channel}"

    def _encode(self, message: Message) -> bytes:
        if not isinstance(message, dict):
            raise TypeError(f"A channel layer message is a dict; got {type(message).__name__}.")
        payload: bytes = self._serializer.serialize(message)
        return payload

    def _unreadable(self, channel: str, error: Exception) -> None:
        self.counters.dropped_unreadable += 1
        _complain_unreadable(channel, error)

    # ------------------------------------------------------------------ loops

    def _side(self) -> LoopSide:
        """The side of the running loop, made when missing."""
        loop = asyncio.get_running_loop()
        side = self._sides.get(loop)
        if side is None:
            for closed in [other for other in self._sides if other.is_closed()]:
                del self._sides[closed]
            side = self._sides[loop] = LoopSide(
                self._hosts,
                counters=self.counters,
                publish_timeout_s=self._publish_timeout_s,
                max_queued=self._max_queued,
            )
        return side

    def _side_here(self) -> LoopSide | None:
        loop = asyncio._get_running_loop()
        return self._sides.get(loop) if loop is not None else None

    def _any_side(self) -> LoopSide | None:
        return next((side for loop, side in list(self._sides.items()) if loop.is_running()), None)

    async def _open(self, channel: str) -> Mailbox:
        side = self._side()
        mailbox = Mailbox(channel, capacity=self.get_capacity(channel), expiry_s=self.expiry)
        if "!" in channel:
            await side.add_channel(mailbox, self._channel_subject(channel))
        else:
            side.add_named(mailbox, self._list_key(channel), expiry_s=self.expiry)
        return mailbox

    def _drop(self, side: LoopSide, channel: str) -> None:
        side.drop_channel(channel, self._group_subject, self._channel_subject(channel))

    # ------------------------------------------------------------------ ways to Redis

    async def _append(self, channel: str, payload: bytes) -> None:
        key = self._list_key(channel)
        execute = functools.partial(self._execute, key)
        await named.append(execute, key, payload, capacity=self.get_capacity(channel), expiry_s=self.expiry)

    async def _publish(self, subject: str, payload: bytes) -> None:
        try:
            await self._execute(subject, "PUBLISH", subject, payload)
        except LayerUnavailable:
            self.counters.publish_failed += 1
            raise

    async def _execute(self, shard_key: str, *command: str | bytes) -> Any:
        side = self._side_here()
        if side is not None:
            return await side.publisher_of(shard_key).execute(*command)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._execute_sync, shard_key, *command)

    def _execute_sync(self, shard_key: str, *command: str | bytes) -> Any:
        client: Any = self._clients[shard_of(shard_key, len(self._clients))]
        with _or_unavailable():
            return client.execute_command(*command)

    def _submit(self, side: LoopSide, subject: str, payload: bytes) -> bool:
        if side.publisher_of(subject).execute_nowait("PUBLISH", subject, payload):
            return True
        self.counters.publish_dropped += 1
        _complain_dropped(subject)
        return False

    def _publish_quietly(self, subject: str, payload: bytes) -> None:
        try:
            self._execute_sync(subject, "PUBLISH", subject, payload)
        except LayerUnavailable:
            self.counters.publish_dropped += 1
            _complain_dropped(subject)

    def _flush_lists(self) -> None:
        for client in self._clients:
            keys = list(client.scan_iter(match=f"{self.prefix}.waiting.*", count=500))
            if keys:
                client.unlink(*keys)


@contextmanager
def _or_unavailable() -> Iterator[None]:
    try:
        yield
    except (redis.RedisError, OSError) as error:
        raise LayerUnavailable(f"Redis gave no answer ({error}); the outcome is unknown.") from error


def _registered(callbacks: list[Callback], callback: Callback) -> Callable[[], None]:
    callbacks.append(callback)
    return lambda: callbacks.remove(callback) if callback in callbacks else None


def _reset_in_child(layer: RedisLayer) -> None:
    """After a fork the parent's sockets are not ours to read, write or close politely."""
    reference = weakref.ref(layer)
    graveyard: list[object] = []

    def start_afresh() -> None:
        forked = reference()
        if forked is not None:
            graveyard.append((forked._sides, forked._clients, forked._threads))  # never finalised
            forked._start_process()

    os.register_at_fork(after_in_child=start_afresh)
