"""Commands to one Redis server from one loop, many at a time through one connection.

Owns the outgoing connection. Knows nothing of channels and groups. What has gathered within a turn of the loop leaves
as one pipeline, and one task reads the answers: a publish costs its bytes and not a round trip, and there is no lock.
"""

from __future__ import annotations

import asyncio
import logging
import math
import select
from collections import deque
from collections.abc import Iterable
from typing import Any, cast

import hiredis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError, ResponseError

from .backoff import Backoff
from .errors import LayerUnavailable
from .hosts import LoopPool, hang_up, writer_of

logger = logging.getLogger("realtime.layer")

MAX_UNANSWERED = 512
Command = tuple[str | bytes | int | float, ...]
Waiting = tuple[bytes, "asyncio.Future[Any] | None"]


class Publisher:
    """`timeout_s` bounds an answer of Redis and one caller's wait; `max_queued` bounds the commands in memory."""

    def __init__(self, pool: LoopPool, *, timeout_s: float, max_queued: int) -> None:
        self._pool = pool
        self._timeout_s = timeout_s
        self._max_queued = max_queued
        self._queue: deque[Waiting] = deque()
        # Sent: whose answer it is, and when it left.
        self._unanswered: deque[tuple[asyncio.Future[Any] | None, float]] = deque()
        self._wanted = asyncio.Event()
        self._writer: asyncio.StreamWriter | None = None  # while connected
        self._incoming = select.poll()  # of the same connection
        self._down = False
        self._patience: asyncio.Timeout | None = None
        self._sending: asyncio.Handle | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run(), name="realtime.layer.publisher")

    async def execute(self, *command: str | bytes | int | float) -> Any:
        """The answer of Redis; LayerUnavailable when there is none in time."""
        if self._task.done() or len(self._queue) >= self._max_queued:
            raise LayerUnavailable(
                f"{len(self._queue)} commands already wait for Redis; this one was refused."
            )
        answer: asyncio.Future[Any] = self._loop.create_future()
        self._put(command, answer)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await answer
        except TimeoutError:
            raise LayerUnavailable(
                f"Redis did not answer {command[0]!r} within {self._timeout_s:g} s; the outcome is unknown."
            ) from None

    def execute_nowait(self, *command: str | bytes | int | float) -> bool:
        """False when the command was dropped: Redis is away, or too much waits already."""
        if self._down or self._task.done() or len(self._queue) >= self._max_queued:
            return False
        self._put(command, None)
        return True

    async def aclose(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _put(self, command: Command, answer: asyncio.Future[Any] | None) -> None:
        # Packed here, so that what cannot be is its caller's error and no other's.
        self._queue.append((hiredis.pack_command(cast(Any, command)), answer))
        if self._writer is None:
            self._wanted.set()
        elif self._sending is None:
            self._sending = self._loop.call_soon(self._send)

    def _send(self) -> None:
        """What has gathered, as one pipeline; so much of it that not too many answers are owed."""
        self._sending = None
        if self._writer is None:
            return
        if not self._unanswered and self._incoming.poll(0):
            # Redis closed it while it was idle, and the reader finds that now: nothing is lost on it.
            self._sending = self._loop.call_soon(self._send)
            return
        now = self._loop.time()
        packed = []
        while self._queue and len(self._unanswered) < MAX_UNANSWERED:
            command, answer = self._queue.popleft()
            if answer is None or not answer.done():
                packed.append(command)
                self._unanswered.append((answer, now))
        if packed:
            self._writer.write(b"".join(packed))
            if self._watch is None:
                self._watch = self._loop.call_later(self._timeout_s, self._look)

    def _look(self) -> None:
        """One timer for all answers, which are owed in their order: too late for one is too late for its connection."""
        self._watch = None
        if self._unanswered:
            left_s = self._unanswered[0][1] + self._timeout_s - self._loop.time()
            if left_s > 0:
                self._watch = self._loop.call_later(left_s, self._look)
            elif self._patience is not None:
                self._patience.reschedule(self._loop.time())

    async def _run(self) -> None:
        backoff = Backoff()
        try:
            while True:
                try:
                    if not self._queue and not self._down:
                        await self._wanted.wait()
                    self._wanted.clear()
                    await self._converse(backoff)
                except (RedisError, OSError, TimeoutError) as error:
                    self._went_down(error)
                except Exception:
                    logger.exception(
                        "The channel layer's publisher stumbled; it goes on with a new connection."
                    )
                    self._went_down(None)
                await asyncio.sleep(backoff.next_s())
        finally:
            self._fail_all("The channel layer was closed.")
            if self._watch is not None:
                self._watch.cancel()

    async def _converse(self, backoff: Backoff) -> None:
        """Connects, sends, and reads answers until the connection is lost: then the error, if answers are owed."""
        connection = await self._pool.connect()
        try:
            backoff.reset()
            self._down = False
            self._writer = writer_of(connection)
            self._incoming = select.poll()
            self._incoming.register(self._writer.get_extra_info("socket"), select.POLLIN)
            async with asyncio.timeout(None) as self._patience:
                self._send()
                while True:
                    reply = await _reply(connection)
                    answer, _ = self._unanswered.popleft()
                    _settle(answer, reply)
                    if self._queue and self._sending is None:
                        self._sending = self._loop.call_soon(self._send)
        except (RedisError, OSError):
            if self._unanswered:
                raise
        finally:
            self._writer = self._patience = None
            await hang_up(connection)

    def _went_down(self, error: BaseException | None) -> None:
        """Nothing that waited may arrive much later, out of its time: say so to each caller now."""
        if not self._down and error is not None:
            logger.warning(
                "The channel layer lost its publishing connection: %s", str(error) or type(error).__name__
            )
        self._down = True
        self._fail_all("Redis is not reachable.")

    def _fail_all(self, text: str) -> None:
        sent, self._unanswered = self._unanswered, deque()
        _fail(
            (answer for answer, _ in sent),
            "The connection to Redis was lost while publishing; the outcome is unknown.",
        )
        queued, self._queue = self._queue, deque()
        _fail((answer for _, answer in queued), text)


async def _reply(connection: AbstractConnection) -> Any:
    try:
        return await connection.read_response(
            disable_decoding=True, timeout=math.inf, disconnect_on_error=False
        )
    except ResponseError as refusal:  # an answer as well: it belongs to one command, the others go on
        return refusal


def _settle(answer: asyncio.Future[Any] | None, reply: Any) -> None:
    if isinstance(reply, ResponseError):
        if answer is None:
            logger.warning("Redis refused a publish: %s", reply)
        elif not answer.done():
            answer.set_exception(LayerUnavailable(f"Redis refused: {reply}"))
    elif answer is not None and not answer.done():
        answer.set_result(reply)


def _fail(answers: Iterable[asyncio.Future[Any] | None], text: str) -> None:
    for answer in answers:
        if answer is not None and not answer.done():
            answer.set_exception(LayerUnavailable(text))
