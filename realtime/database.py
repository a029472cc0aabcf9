"""Database work from the event loop, in a bounded pool of threads of our own, each with one connection.

Asgiref runs all `database_sync_to_async` of a process in one thread, where one slow query delays every socket
(django/channels#2132); here a slow one costs one thread of a few.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import ParamSpec, TypeVar

from django.db import connections

from realtime import conf

P = ParamSpec("P")
R = TypeVar("R")


async def run(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Calls `function` in a database thread. Exceptions pass through. Cancelling does not stop the thread."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads(), lambda: _call(function, *args, **kwargs))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=conf.get("DATABASE_THREADS"), thread_name_prefix="database")


def _call(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        return function(*args, **kwargs)
    finally:
        _give_back_connections()


def _give_back_connections() -> None:
    """Back to the pool on PostgreSQL; kept open on SQLite, where opening costs more than a query."""
    for one in connections.all(initialized_only=True):
        if one.vendor != "sqlite" or one.errors_occurred:
            one.close_if_unusable_or_obsolete()
