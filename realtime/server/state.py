"""Whether this process is leaving, and who has to be asked before it does.

Written by the server, read by `/readyz` from any thread. Under another server nothing ever sets it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

logger = logging.getLogger("realtime.server")

DrainHook = Callable[[], Awaitable[None]]

draining = False
drain_deadline: float | None = None  # monotonic; after it the process exits whatever is still open

_hooks: list[DrainHook] = []


def on_drain(hook: DrainHook) -> Callable[[], None]:
    """Await `hook()` when the process was asked to stop, before its sockets are closed. Returns its removal."""
    _hooks.append(hook)
    return lambda: _hooks.remove(hook) if hook in _hooks else None


async def begin_drain(deadline_s: float) -> None:
    """Say that we are leaving and wait for every hook, at most until the deadline. A failing hook stops no other."""
    global draining, drain_deadline
    draining, drain_deadline = True, time.monotonic() + deadline_s
    running = [asyncio.ensure_future(hook()) for hook in list(_hooks)]
    if not running:
        return
    done, late = await asyncio.wait(running, timeout=deadline_s)
    for task in late:
        task.cancel()
    for task in done:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            logger.error("A drain hook failed; the drain goes on.", exc_info=error)
    if late:
        logger.warning("%d drain hooks did not finish within %g s.", len(late), deadline_s)
