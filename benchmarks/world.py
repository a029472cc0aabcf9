"""Our own installation as the benchmark measures it: `manage.py serve` on a fresh database with a crowd in it.

As production has it, with one difference: the limits that protect a server from a single user are out of the way,
because here a few users send what thousands would.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

import psycopg

from benchmarks.inside import run_inside
from benchmarks.machine import CORES, SERVER_CORE, on_cores
from realtime.testing.postgres import PrivatePostgres
from realtime.testing.stack import Databases, Stack, running_stack

# What is committed is on the disk, as everywhere but in tests.
DURABLE = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
UNLIMITED = {
    "DJANGO_SETTINGS_MODULE": "realtime.settings",
    "LOG_LEVEL": "WARNING",
    "REALTIME_CALLS_PER_S": "1000000",
    "REALTIME_CALLS_BURST": "1000000",
    "REALTIME_FRAMES_PER_S": "1000000",
    "REALTIME_FRAMES_BURST": "1000000",
}


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who is there. Everybody is in one room of each family; speakers are in every room of the first."""

    users: int
    rooms: int
    families: int = 1
    speakers: int = 0


@dataclass(frozen=True, slots=True)
class World:
    """One running installation."""

    stack: Stack
    ports: list[int]
    tokens: list[str]

    @property
    def server_pids(self) -> list[int]:
        return [process.pid for process in self.stack.running.values()]

    def count(self, table: str) -> int:
        """The rows of a table, read past the server."""
        url, sql = self.stack.database_url, f"SELECT count(*) FROM {table}"
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
                return int(connection.execute(sql).fetchone()[0])
        with psycopg.connect(url) as connection:
            return int(connection.execute(sql).fetchone()[0])  # type: ignore[index]


class Installations:
    """Makes worlds: each with a database of its own, a copy of one that was migrated once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._postgres: PrivatePostgres | None = None
        self._databases: dict[str, Databases] = {}

    @property
    def postgres_pids(self) -> list[int]:
        return [self._postgres.pid] if self._postgres is not None else []

    @contextmanager
    def world(
        self,
        crowd: Crowd,
        *,
        database: str = "sqlite",
        environment: Mapping[str, str] | None = None,
        processes: int = 1,
    ) -> Iterator[World]:
        """Starts one. A single process has the server's core; several share all cores."""
        url = self._fresh(database)
        directory = Path(tempfile.mkdtemp(prefix="w-", dir=self._directory))
        with running_stack(
            directory, database_url=url, environment={**UNLIMITED, **(environment or {})}
        ) as stack:
            tokens = _populate(stack, crowd)
            with on_cores(*(CORES if processes > 1 else [SERVER_CORE])):
                names = [f"web{number}" for number in range(1, processes + 1)]
                for name in names:
                    stack.start_web(name)
            try:
                yield World(stack, [stack.ports[name] for name in names], tokens)
            finally:
                for name in names:
                    stack.kill(name)

    def stop(self) -> None:
        if self._postgres is not None:
            self._postgres.stop()

    def _fresh(self, database: str) -> str:
        if database not in self._databases:
            self._databases[database] = Databases(self._directory / database, self._server_url(database))
        return self._databases[database].fresh()

    def _server_url(self, database: str) -> str | None:
        if database == "sqlite":
            return None
        self._postgres = PrivatePostgres(self._directory / "pg", settings=DURABLE)
        self._postgres.start()
        return self._postgres.url


def _populate(stack: Stack, crowd: Crowd) -> list[str]:
    """Makes the crowd; a token for each user, in the order of their numbers."""
    numbers = (str(number) for number in astuple(crowd))
    return run_inside(stack, "benchmarks.people", *numbers).split("\n")
