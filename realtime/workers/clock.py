"""The database's clock, read rarely and carried on by this machine's monotonic one.

All beats go by it, so that a machine whose own clock is wrong or jumps neither runs a periodic task early nor stops it.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from django.db import connection

# Two quartzes part by less than a second a day; a machine that slept is noticed after so long.
KEEP_S = 60.0


class DatabaseClock:
    """Reading it may raise what a query may."""

    def __init__(self) -> None:
        self._read: datetime | None = None
        self._read_at = 0.0

    def now(self) -> datetime:
        if self._read is None or time.monotonic() - self._read_at > KEEP_S:
            return self.read()
        return self._read + timedelta(seconds=time.monotonic() - self._read_at)

    def read(self) -> datetime:
        """Asks the database."""
        self._read, self._read_at = database_now(), time.monotonic()
        return self._read


def database_now() -> datetime:
    """What time it is for the database. SQLite has no clock but this machine's."""
    if connection.vendor == "sqlite":
        return datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        ((moment,),) = cursor.fetchall()
    assert isinstance(moment, datetime)
    return moment
