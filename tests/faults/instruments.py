"""What the faults' installations have besides: a count of queries, `faults_queries_total`, and a channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from prometheus_client import Counter

QUERIES = Counter("faults_queries", "Queries of this process, in all its threads.")


class Instruments(AppConfig):
    name = "tests.faults.instruments"
    label = "instruments"
    path = "tests/faults"

    def ready(self) -> None:
        from tests.faults import logbook  # noqa: F401  (registers its channel)

        connection_created.connect(_watch, weak=False)


def _watch(connection: Any, **kwargs: Any) -> None:
    # With a pool the same wrapper connects again and again.
    if _count not in connection.execute_wrappers:
        connection.execute_wrappers.append(_count)


def _count(execute: Callable[..., Any], *arguments: Any) -> Any:
    QUERIES.inc()
    return execute(*arguments)
