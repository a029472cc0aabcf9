"""Database work: from the event loop, and in bulk.

From the event loop it runs in a bounded pool of threads of our own, each with one connection:
asgiref runs all `database_sync_to_async` of a process in one thread, where one slow query delays every socket
(django/channels#2132); here a slow one costs one thread of a few.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, ParamSpec, TypeVar

from django.db import connection, connections, models

from realtime import conf

P = ParamSpec("P")
R = TypeVar("R")


async def run(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Calls `function` in a database thread. Exceptions pass through. Cancelling does not stop the thread."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads(), lambda: _call(function, *args, **kwargs))


def set_column(model: type[models.Model], column: str, values: Mapping[Any, Any]) -> None:
    """Writes one column of many rows, `{primary key: value}`, with one prepared statement.

    For hot paths and plain values: `bulk_update` builds a CASE whose making costs more than all the rest.
    """
    primary_key = model._meta.pk
    assert primary_key is not None
    names = (model._meta.db_table, column, str(primary_key.column))
    table, name, key = (connection.ops.quote_name(one) for one in names)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET {name} = %s WHERE {key} = %s",  # noqa: S608  (our own names)
            [(value, pk) for pk, value in values.items()],
        )


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
