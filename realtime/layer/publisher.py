"""Commands to one Redis server from one loop, many at a time through one connection.

Owns the outgoing connection. Knows nothing of channels and groups. One task sends whatever has gathered as
one pipeline and reads the answers, so a publish costs its bytes and not a round trip, and there is no lock.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError, ResponseError

from .backoff import Backoff
from .errors import LayerUnavailable
from .hosts import LoopPool, hang_up

logger = logging.getLogger("realtime.layer")

MAX_BATCH = 512
Command = tuple[str | bytes | int | float, ...]
Waiting = tuple[Command, "asyncio.Future[Any] | None"]


class Publisher:
    """`timeout_s` bounds one pipeline and one caller's wait; `max_queued` bounds the commands in memory."""

    def __init__(self, pool: LoopPool, *, timeout_s: float, max_queued: int) -> None:
        self._pool = pool
        self._timeout_s = timeout_s
        self._max_queued = max_queued
        self._queue: deque[Waiting] = deque()
        self._wake = asyncio.Event()
        self._connection: AbstractConnection | None = None
        self._down = False
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run(), name="realtime.layer.publisher")

    async def execute(self, *command: str | bytes | int | float) -> Any:
        """The answer of Redis; LayerUnavailable when there is none in time."""
        if self._task.done() or len(self._queue) >= self._max_queued:
            raise LayerUnavailable(
                f"{len(self._queue)} commands already wait for Redis; this one was refused."
            )
        answer: asyncio.Future[Any] = self._loop.create_future()
        self._queue.append((command, answer))
        self._wake.set()
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
        self._queue.append((command, None))
        self._wake.set()
        return True

    async def aclose(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        backoff = Backoff()
        try:
            while True:
                try:
                    await self._connect_when_needed()
                    backoff.reset()
                    await self._send_next()
                except (RedisError, OSError, TimeoutError) as error:
                    await self._went_down(error)
                    await asyncio.sleep(backoff.next_s())
                except Exception:
                    logger.exception(
                        "The channel layer's publisher stumbled; it goes on with a new connection."
                    )
                    await self._went_down(None)
                    await asyncio.sleep(backoff.next_s())
        finally:
            self._fail_all("The channel layer was closed.")
            await hang_up(self._connection)
            self._connection = None

    async def _connect_when_needed(self) -> None:
        if not self._queue and not self._down:
            await self._wake.wait()
        self._wake.clear()
        # A connection that Redis closed while it was idle is readable; found now, nothing is lost on it.
        if self._connection is not None and await self._connection.can_read():
            await self._hang_up()
        if self._connection is None:
            self._connection = await self._pool.connect()
            self._down = False

    async def _send_next(self) -> None:
        batch = [self._queue.popleft() for _ in range(min(MAX_BATCH, len(self._queue)))]
        batch = [(command, answer) for command, answer in batch if answer is None or not answer.done()]
        connection = self._connection
        if not batch or connection is None:
            return
        try:
            async with asyncio.timeout(self._timeout_s):
                packed = connection.pack_commands([command for command, _ in batch])
                await connection.send_packed_command(packed, check_health=False)
                for _, answer in batch:
                    _settle(answer, await _reply(connection))
        except BaseException:
            _fail(batch, "The connection to Redis was lost while publishing; the outcome is unknown.")
            raise

    async def _went_down(self, error: BaseException | None) -> None:
        """Nothing that waited may arrive much later, out of its time: say so to each caller now."""
        if not self._down and error is not None:
            logger.warning(
                "The channel layer lost its publishing connection: %s", error or type(error).__name__
            )
        self._down = True
        await self._hang_up()
        self._fail_all("Redis is not reachable.")

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        await hang_up(connection)

    def _fail_all(self, text: str) -> None:
        batch, self._queue = list(self._queue), deque()
        _fail(batch, text)


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


def _fail(batch: list[Waiting], text: str) -> None:
    for _, answer in batch:
        if answer is not None and not answer.done():
            answer.set_exception(LayerUnavailable(text))
