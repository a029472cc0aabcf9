"""Database work from the event loop, in a bounded pool of threads of our own, each with one connection.

Asgiref runs all `database_sync_to_async` of a process in one thread, where one slow query delays every socket
(django/channels#2132); here a slow one costs one thread of a few.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any, ParamSpec, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

from realtime import conf

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


async def run(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Calls `function` in a database thread. Exceptions pass through. Cancelling does not stop the thread."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads(), lambda: _call(function, *args, **kwargs))


WATCH_INTERVAL_S = 1.0

# What each thread is at: since when, and with which of Django's connections.
_at_work: dict[int, tuple[float, Any]] = {}


def bound_waits() -> None:
    """For processes that serve, before their first query: PostgreSQL gives up what takes longer than `conf` allows.

    Commands and workers may take longer. SQLite has one writer at a time, and the limit of its own in the settings.
    """
    limits = {
        "statement_timeout": conf.get("STATEMENT_TIMEOUT_S"),
        "lock_timeout": conf.get("LOCK_TIMEOUT_S"),
        "idle_in_transaction_session_timeout": conf.get("IDLE_IN_TRANSACTION_TIMEOUT_S"),
    }
    for settings in connections.settings.values():
        if settings["ENGINE"] == "django.db.backends.postgresql":
            options = settings.setdefault("OPTIONS", {})
            options["options"] = " ".join(f"-c {name}={round(s * 1000)}" for name, s in limits.items())


@cache
def _threads() -> ThreadPoolExecutor:
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        threading.Thread(target=_end_overdue_work, name="database-watch", daemon=True).start()
    return ThreadPoolExecutor(max_workers=conf.get("DATABASE_THREADS"), thread_name_prefix="database")


def _call(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    thread = threading.get_ident()
    _at_work[thread] = time.monotonic(), connections[DEFAULT_DB_ALIAS]
    try:
        return function(*args, **kwargs)
    finally:
        del _at_work[thread]
        _give_back_connections()


def _give_back_connections() -> None:
    """Back to the pool on PostgreSQL; kept open on SQLite, where opening costs more than a query."""
    for one in connections.all(initialized_only=True):
        if one.vendor != "sqlite" or one.errors_occurred:
            one.close_if_unusable_or_obsolete()


# ---- a server that fell silent


def _end_overdue_work() -> None:
    """Nothing else would ever end a query whose server keeps the connection and does not answer."""
    timeout_s: float = conf.get("DATABASE_TIMEOUT_S")
    while True:
        time.sleep(WATCH_INTERVAL_S)
        now = time.monotonic()
        overdue = [wrapper for since, wrapper in list(_at_work.values()) if now - since > timeout_s]
        for wrapper in overdue:
            logger.warning("The database did not answer for %.0f s: hanging up.", timeout_s)
            _hang_up(wrapper.connection)
        if overdue and (pool := overdue[0].pool):
            # Connections that nobody uses now are no better; the pool makes new ones.
            pool.drain()


def _hang_up(connection: Any) -> None:
    """Its thread's read ends with an error at once."""
    if connection is None:  # it still waits for the pool, which has a bound of its own
        return
    closed_meanwhile = suppress(OSError, psycopg.OperationalError)
    with closed_meanwhile, socket.socket(fileno=os.dup(connection.fileno())) as shared:
        shared.shutdown(socket.SHUT_RDWR)
