"""Many callers at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections


def together(number: int, function: Callable[[], Any]) -> list[Any]:
    """What `number` threads get that call `function` at the same moment."""
    return all_together([function] * number)


def all_together(functions: list[Callable[[], Any]]) -> list[Any]:
    """What these functions give back, each called by a thread of its own, at the same moment; an error fails."""
    barrier = threading.Barrier(len(functions))

    def call(function: Callable[[], Any]) -> Any:
        barrier.wait(10)
        try:
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(functions)) as pool:
        return [future.result(timeout=50) for future in [pool.submit(call, one) for one in functions]]
