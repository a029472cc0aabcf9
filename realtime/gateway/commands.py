"""Commands: beside delivery, bounded per connection, in the order in which a connection sent them.

The read loop only parses and enqueues. One connection's calls run one after another; calls of a batch command
run together with those of all other connections, in one transaction.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import DatabaseError, IntegrityError

from realtime import conf, database, metrics
from realtime.errors import Busy, Internal, RealtimeError, Unavailable
from realtime.registry import Call, Command, Context

logger = logging.getLogger(__name__)

_BUSY_RETRY_S = 0.01


class CallTimedOut(Unavailable):
    code = "timeout"
    message = "The command took too long; it may or may not have happened. Repeat it with the same client_id."


class Waiting(NamedTuple):
    """A call of a batch command, and who wants its answer."""

    call: Call[Any]
    done: Callable[[Any], None]
    since: float


class Batcher:
    """The waiting calls of one batch command, of all connections: each run takes everything that waits.

    A call that is answered `Busy` comes first in the next run, before later ones that touch the same rows, until
    LOCK_TIMEOUT_S have passed: so a row that somebody holds delays those who want it, and nobody else.
    """

    def __init__(self, command: Command) -> None:
        self._command = command
        self._waiting: deque[Waiting] = deque()
        self._busy: list[Waiting] = []
        self._max_batch: int = conf.get("MAX_BATCH")
        self._max_waiting: int = conf.get("MAX_WAITING_CALLS")
        self._busy_for_s: float = conf.get("LOCK_TIMEOUT_S")
        self._sizes = metrics.BATCH_SIZE.labels(command.name)
        self._task: asyncio.Task[None] | None = None

    def submit(self, call: Call[Any], done: Callable[[Any], None]) -> None:
        """Runs `call` with the next batch and hands `done` its result or RealtimeError. Raises Unavailable."""
        if len(self._waiting) >= self._max_waiting:
            raise Unavailable("Too many commands are waiting. Try again in a moment.", retry_after_ms=1000)
        self._waiting.append(Waiting(call, done, time.monotonic()))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        while self._waiting or self._busy:
            if not self._waiting:
                await asyncio.sleep(_BUSY_RETRY_S)
            fresh = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._max_batch))]
            taken, self._busy = self._busy + fresh, []
            self._sizes.observe(len(taken))
            results = await self._results([one.call for one in taken])
            for one, result in zip(taken, results, strict=True):
                if isinstance(result, Busy) and self._may_wait(one):
                    self._busy.append(one)
                else:
                    one.done(result)

    def _may_wait(self, one: Waiting) -> bool:
        return len(self._busy) < self._max_batch and time.monotonic() - one.since < self._busy_for_s

    async def _results(self, calls: list[Call[Any]]) -> list[Any]:
        result = await _run_in_thread(self._command, calls)
        if isinstance(result, RealtimeError):
            return [result] * len(calls)
        if len(result) != len(calls):
            logger.error("%s answered %d of %d calls", self._command.name, len(result), len(calls))
            return [Internal()] * len(calls)
        return list(result)


class Calls:
    """One connection's calls, waiting and running."""

    def __init__(self, reply: Callable[[int, Any], None], batcher_of: Callable[[Command], Batcher]) -> None:
        self._reply = reply
        self._batcher_of = batcher_of
        self._max_in_flight: int = conf.get("MAX_CALLS_IN_FLIGHT")
        self._waiting: deque[tuple[int, Command, Context, Any, float]] = deque()
        self._taken = asyncio.Event()
        self._in_batches = 0
        self._batch_done = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def full(self) -> bool:
        return len(self._waiting) >= self._max_in_flight

    async def room(self) -> None:
        """Waits while too many calls are waiting, which pauses the reading of this connection."""
        while self.full:
            self._taken.clear()
            await self._taken.wait()

    def put(self, id: int, command: Command, context: Context, args: Any) -> None:
        """Takes a call, for which there is `room`."""
        since = time.monotonic()
        idle = self._task is None or self._task.done()
        if command.batched and idle and self._in_batches < self._max_in_flight:
            self._join_batch(id, command, Call(context, args), since)
            return
        self._waiting.append((id, command, context, args, since))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def finish(self) -> None:
        """Waits for everything that was taken."""
        if self._task is not None:
            await self._task
        await self._batches_below(1)

    async def _run(self) -> None:
        while self._waiting:
            id, command, context, args, since = self._waiting.popleft()
            self._taken.set()
            if command.batched:
                await self._batches_below(self._max_in_flight)
                self._join_batch(id, command, Call(context, args), since)
            else:
                await self._batches_below(1)
                self._answer(id, command, await _run_in_thread(command, context, args), since)

    def _join_batch(self, id: int, command: Command, call: Call[Any], since: float) -> None:
        def done(result: Any) -> None:
            self._in_batches -= 1
            self._batch_done.set()
            self._answer(id, command, result, since)

        self._in_batches += 1
        try:
            self._batcher_of(command).submit(call, done)
        except Unavailable as error:
            done(error)

    async def _batches_below(self, count: int) -> None:
        while self._in_batches >= count:
            self._batch_done.clear()
            await self._batch_done.wait()

    def _answer(self, id: int, command: Command, result: Any, since: float) -> None:
        outcome = result.wire_code if isinstance(result, RealtimeError) else "ok"
        calls, seconds = _measures(command.name, outcome)
        calls.inc()
        seconds.observe(time.monotonic() - since)
        try:
            self._reply(id, result)
        except Exception as error:  # a result that is not JSON: that call's bug, and no other's
            self._reply(id, expected(error, command.name))


@lru_cache(maxsize=1_000)
def _measures(name: str, outcome: str) -> tuple[Any, Any]:
    """Looked up once: finding a metric by its labels costs more than counting."""
    return metrics.CALLS.labels(name, outcome), metrics.CALL_SECONDS.labels(name)


async def _run_in_thread(command: Command, *arguments: Any) -> Any:
    """The handler's result, or the RealtimeError that the client gets instead."""
    try:
        async with asyncio.timeout(conf.get("CALL_TIMEOUT_S")):
            return await database.run(command.handler, *arguments)
    except TimeoutError:
        return CallTimedOut()
    except Exception as error:  # one place: every error of a command becomes its reply
        return expected(error, command.name)


def expected(error: Exception, name: str) -> RealtimeError:
    """The error that the client gets: its own, `unavailable` where the database is away, `internal` for a bug."""
    if isinstance(error, RealtimeError):
        return error
    if isinstance(error, DatabaseError) and not isinstance(error, IntegrityError):
        logger.warning("The database failed %s: %s", name, error)
        return Unavailable("The database does not answer. Try again in a moment.", retry_after_ms=1000)
    logger.error("Unexpected error in %s", name, exc_info=error)
    return Internal()
