"""Nothing that a serving process asks of PostgreSQL takes for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from realtime import database
from realtime.log.models import Log
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


def test_a_slow_statement_is_given_up() -> None:
    with pytest.raises(OperationalError, match="statement timeout"):
        elsewhere(lambda: ask("SELECT pg_sleep(20)"))


def test_a_row_that_is_held_is_not_waited_for_long() -> None:
    Log.current_epoch()
    with transaction.atomic():
        Log.objects.select_for_update().get()
        with pytest.raises(OperationalError, match="lock timeout"):
            elsewhere(lambda: Log.objects.update(epoch="other"))
