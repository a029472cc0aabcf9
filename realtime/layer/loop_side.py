"""The part of the layer that lives in one event loop: its local channels, groups and connections.

Owns who is in which group here, and the tasks that talk to Redis; ends with its loop. Knows names and bytes;
the message dicts, their serialization and the checks on names are `RedisLayer`'s.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from .counters import Complaint, Counters
from .hosts import Host, LoopPool, shard_of
from .mailbox import Mailbox
from .named import Puller
from .publisher import Publisher
from .subscriber import Subscriber

logger = logging.getLogger("realtime.layer")

SUBSCRIBE_WAIT_S = 1.0
ABANDONED_AFTER_S = 5.0  # a channel that nobody receives on for so long belongs to a consumer that died
MAX_SPARED = 1_000
Callback = Callable[[], Awaitable[None] | None]

_complain_full = Complaint("Channel %s is full (%d messages wait): a group message to it was dropped.")


class LoopSide:
    """Made inside its loop at the first new_channel, group_add or receive."""

    def __init__(
        self, hosts: Sequence[Host], *, counters: Counters, publish_timeout_s: float, max_queued: int
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.mailboxes: dict[str, Mailbox] = {}
        self.groups: dict[str, dict[str, Mailbox]] = {}
        self.up_callbacks: list[Callback] = []
        self.down_callbacks: list[Callback] = []
        self._counters = counters
        self._routes: dict[bytes, dict[str, Mailbox]] = {}
        # What is on its way to Redis and back, and the channel that need not read it again.
        self._spared: dict[bytes, str] = {}
        self._pullers: dict[str, Puller] = {}
        self._callback_tasks: set[asyncio.Task[None]] = set()
        self.pools: list[LoopPool] = [host.pool() for host in hosts]
        self.publishers = [
            Publisher(pool, timeout_s=publish_timeout_s, max_queued=max_queued) for pool in self.pools
        ]
        self.subscribers = [
            Subscriber(pool, deliver=self._deliver, on_up=self._came_up, on_down=self._went_down)
            for pool in self.pools
        ]

    @property
    def connected(self) -> bool:
        return all(subscriber.connected for subscriber in self.subscribers)

    @property
    def generation(self) -> int:
        return sum(subscriber.generation for subscriber in self.subscribers)

    def publisher_of(self, subject: str) -> Publisher:
        return self.publishers[shard_of(subject, len(self.publishers))]

    async def add_channel(self, mailbox: Mailbox, subject: str) -> None:
        self.mailboxes[mailbox.name] = mailbox
        await self._join(subject, mailbox)

    def add_named(self, mailbox: Mailbox, key: str, *, expiry_s: float) -> None:
        """A channel whose messages wait in a list of Redis rather than being published."""
        self.mailboxes[mailbox.name] = mailbox
        pool = self.pools[shard_of(key, len(self.pools))]
        self._pullers[mailbox.name] = Puller(pool, key, mailbox, expiry_s=expiry_s)

    async def join_group(self, group: str, channel: str, subject: str) -> None:
        mailbox = self.mailboxes[channel]
        mailbox.groups.add(group)
        self.groups.setdefault(group, {})[channel] = mailbox
        await self._join(subject, mailbox)

    def leave_group(self, group: str, channel: str, subject: str) -> None:
        members = self.groups.get(group)
        if members is None or members.pop(channel, None) is None:
            return
        if not members:
            del self.groups[group]
        mailbox = self.mailboxes.get(channel)
        if mailbox is not None:
            mailbox.groups.discard(group)
        self._leave(subject, channel)

    def drop_channel(self, channel: str, subject_of: Callable[[str], str], subject: str) -> None:
        """Forget a channel and all its memberships."""
        mailbox = self.mailboxes.get(channel)
        if mailbox is None:
            return
        for group in list(mailbox.groups):
            self.leave_group(group, channel, subject_of(group))
        del self.mailboxes[channel]
        self._pullers.pop(channel, None)
        self._leave(subject, channel)

    async def take(self, mailbox: Mailbox, drop: Callable[[], None]) -> bytes:
        """The next message; `drop` runs when readers stay away from a channel of this process afterwards."""
        self._readers_came(mailbox)
        expired_before = mailbox.expired
        try:
            return await mailbox.take()
        finally:
            mailbox.readers -= 1
            self._counters.dropped_expired += mailbox.expired - expired_before
            if not mailbox.readers and mailbox.name not in self._pullers:
                mailbox.abandoned = self.loop.call_later(ABANDONED_AFTER_S, drop)

    async def aclose(self) -> None:
        for mailbox in self.mailboxes.values():
            if mailbox.abandoned is not None:
                mailbox.abandoned.cancel()
        for task in self._callback_tasks:
            task.cancel()
        parts: list[Any] = [*self._pullers.values(), *self.subscribers, *self.publishers, *self.pools]
        await asyncio.gather(
            *(part.aclose() for part in parts), *self._callback_tasks, return_exceptions=True
        )

    def _readers_came(self, mailbox: Mailbox) -> None:
        mailbox.readers += 1
        if mailbox.abandoned is not None:
            mailbox.abandoned.cancel()
            mailbox.abandoned = None
        puller = self._pullers.get(mailbox.name)
        if puller is not None:
            puller.ensure_running()

    async def _join(self, subject: str, mailbox: Mailbox) -> None:
        key = subject.encode()
        members = self._routes.setdefault(key, {})
        members[mailbox.name] = mailbox
        subscriber = self.subscribers[shard_of(subject, len(self.subscribers))]
        if len(members) == 1:
            subscriber.want(key)
        await subscriber.settled(key, timeout_s=SUBSCRIBE_WAIT_S)

    def _leave(self, subject: str, channel: str) -> None:
        key = subject.encode()
        members = self._routes.get(key)
        if members is None or members.pop(channel, None) is None:
            return
        if not members:
            del self._routes[key]
            self.subscribers[shard_of(subject, len(self.subscribers))].unwant(key)

    def spare(self, channel: str, subject: str, payload: bytes) -> None:
        """This message, when it comes, is not for that channel. What never comes is forgotten in the end."""
        if channel in self._routes.get(subject.encode(), ()):
            if len(self._spared) >= MAX_SPARED:
                self._spared.clear()
            self._spared[payload] = channel

    def _deliver(self, subject: bytes, payload: bytes) -> None:
        spared = self._spared.pop(payload, None)
        for mailbox in self._routes.get(subject, {}).values():
            if mailbox.name == spared:
                continue
            if mailbox.on_the_way:
                mailbox.on_the_way -= 1
            if not mailbox.put(payload) and mailbox.abandoned is None:
                self._counters.dropped_full += 1
                _complain_full(mailbox.name, mailbox.capacity)

    def _came_up(self, clean: bool) -> None:
        if not clean:
            self._call(self.up_callbacks)

    def _went_down(self) -> None:
        self._counters.disconnects += 1
        self._spared.clear()
        for mailbox in self.mailboxes.values():
            mailbox.on_the_way = 0  # they may never come
        self._call(self.down_callbacks)

    def _call(self, callbacks: Sequence[Callback]) -> None:
        for callback in list(callbacks):
            try:
                waiting = callback()
            except Exception:
                logger.exception("A callback of the channel layer failed.")
                continue
            if inspect.isawaitable(waiting):
                task = self.loop.create_task(_finish(waiting))
                self._callback_tasks.add(task)
                task.add_done_callback(self._callback_tasks.discard)


async def _finish(waiting: Awaitable[None]) -> None:
    try:
        await waiting
    except Exception:
        logger.exception("A callback of the channel layer failed.")
