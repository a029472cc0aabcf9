"""Channels without a process in their name ("thumbnails"): any may send, one reader gets each message.

Pub/sub would give every reader a copy and lose what nobody reads yet, so these live in Redis lists. Owns the
lists' keys and their reading; `runworker` and tests use them, the gateway does not.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from typing import Any

from channels.exceptions import ChannelFull
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from .backoff import Backoff
from .hosts import LoopPool, hang_up
from .mailbox import Mailbox

logger = logging.getLogger("realtime.layer")

BLOCK_S = 2
ANSWER_S = 5.0  # longer than BLOCK_S by what a busy Redis may need
STAMP_BYTES = 8

Execute = Callable[..., Awaitable[Any]]  # one Redis command and its answer


async def append(execute: Execute, key: str, payload: bytes, *, capacity: int, expiry_s: float) -> None:
    """Raises ChannelFull. The bound is soft by the number of senders that look at the same moment."""
    length, (seconds, _) = await asyncio.gather(execute("LLEN", key), execute("TIME"))
    if length >= capacity:
        raise ChannelFull
    # Redis' own clock: a sender whose clock is wrong must not age its messages.
    stamp = int(seconds).to_bytes(STAMP_BYTES, "big")
    await asyncio.gather(
        execute("RPUSH", key, stamp + payload),
        execute("PEXPIRE", key, str(int(expiry_s * 1000))),
    )


class Puller:
    """Moves messages of one list into its local mailbox for as long as somebody waits there."""

    def __init__(self, pool: LoopPool, key: str, mailbox: Mailbox, *, expiry_s: float) -> None:
        self._pool = pool
        self._key = key
        self._mailbox = mailbox
        self._expiry_s = expiry_s
        self._task: asyncio.Task[None] | None = None

    def ensure_running(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), name="realtime.layer.puller")

    async def aclose(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        backoff = Backoff()
        while self._mailbox.readers:
            connection = None
            try:
                connection = await self._pool.connect()
                backoff.reset()
                while self._mailbox.readers:
                    await self._pull(connection)
            except (RedisError, OSError, TimeoutError) as error:
                logger.warning("Reading channel %s from Redis failed: %s", self._mailbox.name, error)
                await asyncio.sleep(backoff.next_s())
            finally:
                await hang_up(connection)

    async def _pull(self, connection: AbstractConnection) -> None:
        popped = await _ask(connection, "BLPOP", self._key, BLOCK_S)
        if popped is None:
            return
        stamped = popped[1]
        if not self._mailbox.readers:  # the last reader left meanwhile: the message is not ours to keep
            await _ask(connection, "LPUSH", self._key, stamped)
            return
        now_s = int((await _ask(connection, "TIME"))[0])
        if now_s - int.from_bytes(stamped[:STAMP_BYTES], "big") > self._expiry_s:
            self._mailbox.expired += 1
        else:
            self._mailbox.put(stamped[STAMP_BYTES:])


async def _ask(connection: AbstractConnection, *command: str | bytes | int) -> Any:
    async with asyncio.timeout(ANSWER_S):
        await connection.send_command(*command, check_health=False)
        return await connection.read_response(
            disable_decoding=True, timeout=math.inf, disconnect_on_error=False
        )
