"""Many callers at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections


def together(number: int, function: Callable[[], Any]) -> list[Any]:
    """What `number` threads get that call `function` at the same moment."""
    return all_together([function] * number)


def all_together(functions: list[Callable[[], Any]]) -> list[Any]:
    """What these functions give back, each called by a thread of its own, at the same moment; an error fails."""
    barrier = threading.Barrier(len(functions))
    results: dict[int, Any] = {}

    def call(number: int, function: Callable[[], Any]) -> None:
        barrier.wait(10)
        try:
            results[number] = function()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call, args=pair) for pair in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(results) == len(functions)
    return [results[number] for number in range(len(functions))]
