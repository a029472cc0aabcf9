"""A few at a time, the others in a line of bounded length: what keeps a storm from taking everything at once."""

from __future__ import annotations

import asyncio
import random
from types import TracebackType

from realtime.errors import Unavailable
from realtime.protocol.frames import CloseCode

_BACK_WITHIN_MS = (1_000, 5_000)


class TooBusy(Unavailable):
    code = "too_busy"
    message = "Too many clients connect just now. Come back in a moment."
    close_code = CloseCode.UNAVAILABLE


class Admission:
    """`async with` it: `at_once` are inside, `waiting` stand in line, first come first served. Raises TooBusy."""

    def __init__(self, at_once: int, *, waiting: int) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._room = waiting
        self._waiting = 0

    async def __aenter__(self) -> None:
        if self._waiting >= self._room:
            raise TooBusy(retry_after_ms=come_back_after_ms())
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._places.release()


def come_back_after_ms() -> int:
    """Not all in the same second."""
    return random.randrange(*_BACK_WITHIN_MS)  # noqa: S311
