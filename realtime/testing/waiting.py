"""Waiting for an effect, within a bound, instead of sleeping and hoping."""

import asyncio
import time
from collections.abc import Awaitable, Callable

POLL_S = 0.01


def wait_until(condition: Callable[[], object], what: str, *, timeout_s: float = 10.0) -> None:
    """Return as soon as `condition()` is true; fail with `what` when it is not within the bound."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {timeout_s} s in vain until {what}.")
        time.sleep(POLL_S)


async def await_until(
    condition: Callable[[], object | Awaitable[object]], what: str, *, timeout_s: float = 10.0
) -> None:
    """The same for async tests; `condition` may be a coroutine function."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if isinstance(value, Awaitable):
            value = await value
        if value:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {timeout_s} s in vain until {what}.")
        await asyncio.sleep(POLL_S)
