"""Nothing that a serving process asks of PostgreSQL takes for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from realtime import database
from realtime.log.models import Log
from realtime.testing.waiting import wait_until
from tests.support.elsewhere import elsewhere

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="limits of PostgreSQL"),
]


@pytest.fixture(autouse=True)
def _serving(settings: Any) -> Iterator[None]:
    """New connections are as in a serving process, with limits that a test can wait for."""
    settings.REALTIME = {**settings.REALTIME, "STATEMENT_TIMEOUT_S": 0.4, "LOCK_TIMEOUT_S": 0.1}
    before = dict(connection.settings_dict["OPTIONS"])
    database.bound_waits()
    yield
    connection.settings_dict["OPTIONS"] = before


def ask(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def another_connection() -> AbstractContextManager[psycopg.Connection]:
    """Closed in the end, whatever it waits for."""
    return closing(psycopg.connect(**connection.get_connection_params()))


def test_a_slow_statement_is_given_up() -> None:
    with pytest.raises(OperationalError, match="statement timeout"):
        elsewhere(lambda: ask("SELECT pg_sleep(20)"))


def test_a_query_whose_answer_was_lost_is_told_from_a_slow_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "END_LOST", database.END_LOST.replace("2 s", "0.1 s"))
    how = connection.get_connection_params()
    with another_connection() as lost, another_connection() as slow, another_connection() as idle:
        slow.execute("SET statement_timeout = 0")
        slow.pgconn.send_query(b"SELECT pg_sleep(5)")
        suspect = [
            SimpleNamespace(connection=one, get_connection_params=lambda: how) for one in (lost, slow, idle)
        ]
        lost.cursor().execute("SELECT pg_advisory_lock(1)")
        lost.pgconn.send_query(b"SELECT 1")  # answered, and nobody has heard it
        wait_until(lambda: database._end_lost(suspect) == [lost], "the server waits for the lost one alone")
        is_free = "SELECT pg_try_advisory_lock(1)"
        wait_until(lambda: idle.execute(is_free).fetchone() == (True,), "its locks are free")
        slow.cancel_safe()


def test_a_pipeline_whose_rest_was_lost_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "END_LOST", database.END_LOST.replace("2 s", "0.1 s"))
    how = connection.get_connection_params()
    with another_connection() as lost:
        lost.pgconn.enter_pipeline_mode()
        lost.pgconn.send_query_params(b"SELECT 1", None)  # and what would follow does not come
        lost.pgconn.send_flush_request()
        lost.pgconn.flush()
        suspect = SimpleNamespace(connection=lost, get_connection_params=lambda: how)
        wait_until(lambda: database._end_lost([suspect]) == [lost], "the server waits for the rest")


def test_what_is_lost_cannot_be_told_by_a_server_that_answers_nobody(tmp_path: Path) -> None:
    nobody = {"host": str(tmp_path), "dbname": "none"}
    with another_connection() as lost:
        lost.pgconn.send_query(b"SELECT 1")
        suspect = SimpleNamespace(connection=lost, get_connection_params=lambda: nobody)
        assert database._end_lost([suspect]) == []


def test_a_thread_keeps_its_connection_while_it_has_work_and_gives_it_back_at_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "pool", {"min_size": 2, "max_size": 4})
    pool = connection.pool

    def backend() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return int(cursor.fetchone()[0])

    def work_and_rest() -> set[int]:
        used = {database._call(backend) for _ in range(20)}
        assert pool.get_stats()["pool_available"] < pool.get_stats()["pool_size"]
        database._give_back_connections()
        assert pool.get_stats()["pool_available"] == pool.get_stats()["pool_size"]
        return used

    try:
        pool.open(wait=True)
        assert len(elsewhere(work_and_rest)) == 1
    finally:
        connection.close_pool()


def test_a_row_that_is_held_is_not_waited_for_long() -> None:
    Log.current_epoch()
    with transaction.atomic():
        Log.objects.select_for_update().get()
        with pytest.raises(OperationalError, match="lock timeout"):
            elsewhere(lambda: Log.objects.update(epoch="other"))
