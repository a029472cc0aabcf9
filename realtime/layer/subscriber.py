"""What one loop hears from one Redis server, through one pub/sub connection.

Owns the set of subjects that this loop wants, and keeps Redis' idea of it equal, over every reconnect. Knows
nothing of channels and groups: `deliver(subject, payload)` does. Pub/sub loses whatever is published while
the connection is away, so a loss is made visible instead: `generation` rises, and `on_up` runs, once
everything is subscribed and confirmed again.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from .backoff import Backoff
from .counters import Complaint
from .hosts import LoopPool, hang_up

logger = logging.getLogger("realtime.layer")

SUBSCRIBE_CHUNK = 500
YIELD_EVERY = 64  # deliveries between two turns for the consumers, or a burst overflows their queues
PING_EVERY_S = 3.0
SILENCE_S = 8.0  # a healthy server answered two pings in this time
UP_WITHIN_S = 1.0
STALL_S = 1.0  # a timer this late means that our own loop stood still: do not blame Redis

_complain = Complaint("The channel layer cannot hear Redis (%s); it keeps trying.")


class Subscriber:
    """`on_up(clean)` runs at each confirmed connection; `clean` says that nothing can have been missed."""

    def __init__(
        self,
        pool: LoopPool,
        *,
        deliver: Callable[[bytes, bytes], None],
        on_up: Callable[[bool], None],
        on_down: Callable[[], None],
    ) -> None:
        self.connected = False
        self.generation = 0
        self._pool = pool
        self._deliver = deliver
        self._on_up = on_up
        self._on_down = on_down
        self._wanted: set[bytes] = set()
        self._changed: set[bytes] = set()
        self._requested: set[bytes] = set()  # SUBSCRIBE sent on the present connection
        self._unconfirmed: dict[bytes, int] = {}
        self._waiters: dict[bytes, list[asyncio.Future[None]]] = {}
        self._wake = asyncio.Event()
        self._heard_at = 0.0
        self._failed_before = False
        self._up = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run(), name="realtime.layer.subscriber")

    @property
    def reachable(self) -> bool:
        """False when Redis is known to be away, so that there is no use in waiting for it."""
        return self.connected or not self._failed_before

    def want(self, subject: bytes) -> None:
        self._wanted.add(subject)
        self._note(subject)

    def unwant(self, subject: bytes) -> None:
        self._wanted.discard(subject)
        self._note(subject)

    async def settled(self, subject: bytes, *, timeout_s: float) -> None:
        """Wait until Redis confirmed the subscription, or is known to be away, or the time is up.

        Nothing is lost by going on: what is wanted is subscribed as soon as Redis is there.
        """
        if not self.reachable or (subject in self._requested and subject not in self._unconfirmed):
            return
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._waiters.setdefault(subject, []).append(waiter)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await waiter
        finally:
            self._forget_waiter(subject, waiter)

    async def aclose(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _note(self, subject: bytes) -> None:
        self._changed.add(subject)
        self._wake.set()

    def _forget_waiter(self, subject: bytes, waiter: asyncio.Future[None]) -> None:
        waiters = self._waiters.get(subject)
        if waiters and waiter in waiters:
            waiters.remove(waiter)
            if not waiters:
                del self._waiters[subject]

    async def _run(self) -> None:
        backoff = Backoff()
        while True:
            connection = None
            try:
                connection = await self._pool.connect()
                await self._converse(connection, backoff)
            except* (RedisError, OSError, TimeoutError) as errors:
                _complain(_cause(errors))
            except* Exception:
                logger.exception("The channel layer's subscriber stumbled; it goes on with a new connection.")
            finally:
                await hang_up(connection)
                self._went_down()
            await asyncio.sleep(backoff.next_s())

    async def _converse(self, connection: AbstractConnection, backoff: Backoff) -> None:
        self._up.clear()
        self._requested.clear()
        self._unconfirmed.clear()
        self._changed = set(self._wanted)
        self._heard_at = time.monotonic()
        async with asyncio.TaskGroup() as both:
            both.create_task(self._listen(connection, backoff))
            both.create_task(self._speak(connection))

    async def _listen(self, connection: AbstractConnection, backoff: Backoff) -> None:
        delivered = 0
        while True:
            reply = await connection.read_response(
                disable_decoding=True, timeout=math.inf, disconnect_on_error=False
            )
            self._heard_at = time.monotonic()
            if isinstance(reply, list) and reply[0] == b"message":
                self._deliver(reply[1], reply[2])
                delivered += 1
                if delivered % YIELD_EVERY == 0:
                    await asyncio.sleep(0)
            elif _token(reply) == b"up":
                backoff.reset()
                self._came_up()
            elif isinstance(reply, list) and reply[0] == b"subscribe":
                self._confirm(reply[1])

    async def _speak(self, connection: AbstractConnection) -> None:
        await self._reconcile(connection)
        # Redis answers in order: this answer says that every subscription above is in force.
        await self._tell(connection, "PING", "up")
        async with asyncio.timeout(UP_WITHIN_S):  # a connection made into a silence stays silent after it
            await self._up.wait()
        due_at = time.monotonic() + PING_EVERY_S
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, due_at - time.monotonic())):
                    await self._wake.wait()
            late_s = time.monotonic() - due_at
            if late_s >= 0:
                await self._check_alive(connection, late_s=late_s)
                due_at = time.monotonic() + PING_EVERY_S
            await self._reconcile(connection)

    async def _check_alive(self, connection: AbstractConnection, *, late_s: float) -> None:
        silent_s = time.monotonic() - self._heard_at
        if silent_s > SILENCE_S and late_s < STALL_S:
            raise TimeoutError(f"no answer for {silent_s:.1f} s")
        await self._tell(connection, "PING", "alive")

    async def _reconcile(self, connection: AbstractConnection) -> None:
        self._wake.clear()
        changed, self._changed = self._changed, set()
        join = [subject for subject in changed if subject in self._wanted and subject not in self._requested]
        leave = [subject for subject in changed if subject not in self._wanted and subject in self._requested]
        for subject in join:
            self._requested.add(subject)
            self._unconfirmed[subject] = self._unconfirmed.get(subject, 0) + 1
        self._requested.difference_update(leave)
        for verb, subjects in (("SUBSCRIBE", join), ("UNSUBSCRIBE", leave)):
            for chunk in _chunks(subjects):
                await self._tell(connection, verb, *chunk)

    @staticmethod
    async def _tell(connection: AbstractConnection, *command: str | bytes) -> None:
        async with asyncio.timeout(
            SILENCE_S
        ):  # a dead peer leaves even a write waiting, once buffers are full
            await connection.send_command(*command, check_health=False)

    def _confirm(self, subject: bytes) -> None:
        left = self._unconfirmed.get(subject, 0) - 1
        if left > 0:
            self._unconfirmed[subject] = left
            return
        self._unconfirmed.pop(subject, None)
        _release(self._waiters.pop(subject, ()))

    def _came_up(self) -> None:
        clean = self.generation == 0 and not self._failed_before
        self._up.set()
        self.connected = True
        self.generation += 1
        self._on_up(clean)

    def _went_down(self) -> None:
        self._failed_before = True
        self._requested.clear()
        for waiters in self._waiters.values():
            _release(waiters)
        if self.connected:
            self.connected = False
            self._on_down()


def _release(waiters: Iterable[asyncio.Future[None]]) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(None)


def _token(reply: Any) -> bytes | None:
    """The payload of a PING's answer, which is an array only while something is subscribed."""
    if isinstance(reply, bytes):
        return reply
    if isinstance(reply, list) and reply[0] == b"pong" and isinstance(reply[1], bytes):
        return reply[1]
    return None


def _chunks(subjects: Sequence[bytes]) -> Iterable[Sequence[bytes]]:
    return (subjects[i : i + SUBSCRIBE_CHUNK] for i in range(0, len(subjects), SUBSCRIBE_CHUNK))


def _cause(errors: BaseExceptionGroup[Any]) -> str:
    first: BaseException = errors
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return str(first) or type(first).__name__
