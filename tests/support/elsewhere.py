"""Work as another process would do it, with a database connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

R = TypeVar("R")


def elsewhere(work: Callable[[], R]) -> R:
    """The result of `work`, done meanwhile in a thread of its own."""

    def run() -> R:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(run).result(timeout=30)
