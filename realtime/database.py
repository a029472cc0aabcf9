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
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, partial
from typing import Any, ParamSpec, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.pq import TransactionStatus

from realtime import conf
from realtime.threads import Threads

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


async def run(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Calls `function` in a database thread. Exceptions pass through. Cancelling does not stop the thread."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[R] = loop.create_future()
    _threads().do(partial(_answer, loop, answer, partial(function, *args, **kwargs)))
    return await answer


def _answer(loop: asyncio.AbstractEventLoop, answer: asyncio.Future[R], function: Callable[[], R]) -> None:
    if answer.cancelled():
        return
    try:
        settle = partial(answer.set_result, _call(function))
    except BaseException as error:
        settle = partial(answer.set_exception, error)
    with suppress(RuntimeError):  # the loop was closed meanwhile, and nobody waits
        loop.call_soon_threadsafe(_settle, answer, settle)


def _settle(answer: asyncio.Future[Any], settle: Callable[[], None]) -> None:
    if not answer.done():
        settle()


WATCH_INTERVAL_S = 1.0
# Work that took so long may wait for an answer that was lost: the server is asked.
SUSPECT_AFTER_S = 3.0
# Ends the connections on which the server waits for us, while we wait for it: it may not hear that we hang up, and
# their transactions keep their locks for as long as it waits. In the midst of a pipeline it is "active" as it waits.
END_LOST = """
    WITH waiting AS MATERIALIZED (
        SELECT pid FROM pg_stat_activity
        WHERE pid = ANY(%s) AND (state <> 'active' OR wait_event = 'ClientRead')
        AND state_change < clock_timestamp() - interval '2 s'
    )
    SELECT pid, pg_terminate_backend(pid) FROM waiting
"""
ASK_TIMEOUT_S = 2.0

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
def _threads() -> Threads:
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        threading.Thread(target=_end_overdue_work, name="database-watch", daemon=True).start()
    return Threads(conf.get("DATABASE_THREADS"), "database", rest=_give_back_connections)


def _call(function: Callable[[], R]) -> R:
    thread = threading.get_ident()
    _at_work[thread] = time.monotonic(), connections[DEFAULT_DB_ALIAS]
    try:
        return function()
    finally:
        del _at_work[thread]
        _keep_good_connections()


def _keep_good_connections() -> None:
    """Opening one costs more than a query on SQLite, and a quarter of a batch from the pool. Others are let go."""
    for one in connections.all(initialized_only=True):
        worth_keeping = one.vendor == "sqlite" or getattr(one, "pool", None) is not None
        if one.errors_occurred or not worth_keeping:
            one.close_if_unusable_or_obsolete()


def _give_back_connections() -> None:
    """To the pool on PostgreSQL. Those of SQLite nobody else could use."""
    for one in connections.all(initialized_only=True):
        if one.vendor != "sqlite":
            one.close_if_unusable_or_obsolete()


# ---- a server that fell silent


def _end_overdue_work() -> None:
    """Nothing else would ever end a query whose server keeps the connection and does not answer."""
    timeout_s: float = conf.get("DATABASE_TIMEOUT_S")
    while True:
        time.sleep(WATCH_INTERVAL_S)
        now = time.monotonic()
        at_work = list(_at_work.values())
        overdue = [wrapper for since, wrapper in at_work if now - since > timeout_s]
        suspect = [wrapper for since, wrapper in at_work if SUSPECT_AFTER_S < now - since <= timeout_s]
        for wrapper in overdue:
            logger.warning("The database did not answer for %.0f s: hanging up.", timeout_s)
            _hang_up(wrapper.connection)
        lost = _end_lost(suspect)
        for connection in lost:
            logger.warning("The database waits for a query that was lost on its way: hanging up.")
            _hang_up(connection)
        if (overdue or lost) and (pool := (overdue or suspect)[0].pool):
            # Connections that nobody uses now are no better; the pool makes new ones.
            pool.drain()


def _end_lost(suspect: list[Any]) -> list[Any]:
    """Has the server end those of their connections that wait for it while it waits for them, and returns these.

    A slow query is not among them: the server is at work on it.
    """
    # One that answers no new connection either cannot be asked: the work becomes overdue. Or it has just ended.
    with suppress(psycopg.Error, OSError, TimeoutError):
        used = [wrapper.connection for wrapper in suspect]
        active = (one for one in used if one and one.info.transaction_status == TransactionStatus.ACTIVE)
        waiting = {one.info.backend_pid: one for one in active}
        if waiting:
            ended = asyncio.run(_ended(suspect[0].get_connection_params(), list(waiting)))
            return [waiting[pid] for pid in ended]
    return []


async def _ended(how: Mapping[str, Any], pids: list[int]) -> list[int]:
    """Over a new connection: those of these that the server waited for, until now. Raises TimeoutError."""
    async with asyncio.timeout(ASK_TIMEOUT_S):
        server = await psycopg.AsyncConnection.connect(**{**how, "cursor_factory": psycopg.AsyncCursor})
        async with server:
            return [pid async for pid, _ in await server.execute(END_LOST, [pids])]


def _hang_up(connection: Any) -> None:
    """Its thread's read ends with an error at once."""
    if connection is None:  # it still waits for the pool, which has a bound of its own
        return
    closed_meanwhile = suppress(OSError, psycopg.OperationalError)
    with closed_meanwhile, socket.socket(fileno=os.dup(connection.fileno())) as shared:
        shared.shutdown(socket.SHUT_RDWR)
