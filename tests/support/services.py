"""Starts what the settings need before they load: a private redis, and a database.

`DATABASE=postgres` (a private server) or `DATABASE_URL` (a running one) choose PostgreSQL; otherwise SQLite
in a file. `tests/conftest.py` calls `start()` while it is imported, which is before Django's settings are.
"""

import os
import shutil
import tempfile
from pathlib import Path

from realtime.testing.postgres import PrivatePostgres
from realtime.testing.redis import PrivateRedis


class Services:
    """The private servers of one test run, in one temporary folder with a short name (unix sockets)."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="carillon-"))
        self.redis = PrivateRedis(self.directory / "redis")
        self.postgres: PrivatePostgres | None = None

    def start(self) -> None:
        var = self.directory / "var"
        var.mkdir()
        self.redis.start()
        os.environ.update(
            DJANGO_SETTINGS_MODULE="realtime.settings",
            TESTING="1",
            SECRET_KEY="only-for-tests-" + "0123456789" * 5,
            VAR_DIR=str(var),
            REDIS_URL=self.redis.url,
            CELERY_BROKER_URL="",
            DATABASE_URL=self._database_url(),
        )

    def _database_url(self) -> str:
        given = os.environ.get("DATABASE_URL", "")
        if given:
            return given
        if os.environ.get("DATABASE") == "postgres":
            self.postgres = PrivatePostgres(self.directory / "postgres")
            self.postgres.start()
            return self.postgres.url
        return ""

    def stop(self) -> None:
        if self.postgres is not None:
            self.postgres.stop()
        self.redis.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
