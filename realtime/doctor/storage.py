"""Database, Redis, and whether their clocks agree with this machine's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from realtime.doctor.registry import Finding, Site, doubtful, examine, fine, wrong
from realtime.workers.clock import database_now

TIMEOUT_S = 5.0
OLDEST_POSTGRES = 14
OLDEST_REDIS = (6, 2)
PINGS = 5
SLOW_MS = 50.0
FULL = 0.8
SKEW_S = 2.0
START_DATABASE = "Start it, or correct DATABASE_URL."
START_REDIS = "Start it, or correct REDIS_URL."


@examine("database")
def database(site: Site) -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        yield wrong(f"The database does not answer: {_first_line(error)}.", START_DATABASE)
        return
    yield from _sqlite() if connection.vendor == "sqlite" else _postgres()
    yield from _migrations()


@examine("redis")
def redis_server(site: Site) -> Iterator[Finding]:
    with connected() as server:
        try:
            took_ms = sorted(_ping_ms(server) for _ in range(PINGS))[PINGS // 2]
            info = server.info()
        except (redis.RedisError, OSError) as error:
            yield wrong(f"Redis does not answer: {_first_line(error)}.", START_REDIS)
            return
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version") or info["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        yield wrong(f"{name} is {version}.", f"Install {'.'.join(map(str, OLDEST_REDIS))} or newer.")
    elif took_ms > SLOW_MS:
        yield doubtful(
            f"{name} {version} takes {took_ms:.0f} ms to answer.",
            "Bring it nearer, or see what else it does.",
        )
    else:
        yield fine(f"{name} {version} answers in {took_ms:.1f} ms.")
    yield from _keeps_tasks(info)


@examine("clocks")
def clocks(site: Site) -> Iterator[Finding]:
    skews = {"the database": _skew_s(database_now)}
    # That it is away is said elsewhere.
    with connected() as server, suppress(redis.RedisError, OSError):
        skews["Redis"] = _skew_s(lambda: _redis_now(server))
    for whose, skew_s in skews.items():
        if abs(skew_s) > SKEW_S:
            said = "ahead of" if skew_s > 0 else "behind"
            yield wrong(
                f"This machine's clock is {abs(skew_s):.0f} s {said} that of {whose}.",
                "Let both follow the same time server (chrony, systemd-timesyncd).",
            )
    if all(abs(skew_s) <= SKEW_S for skew_s in skews.values()):
        yield fine(f"This machine and {' and '.join(skews)} agree within {SKEW_S:.0f} s.")


def connected() -> Any:
    """A client of the installation's first Redis; it connects when it is used."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=None
    )


def _sqlite() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()")
        ((version,),) = cursor.fetchall()
        cursor.execute("PRAGMA journal_mode")
        ((mode,),) = cursor.fetchall()
    if mode != "wal":
        yield wrong(
            f"SQLite's journal mode is {mode}: writers and readers wait for each other.",
            "Keep the database on a local disk, where WAL works.",
        )
    else:
        yield fine(f"SQLite {version} in WAL mode; it serves one machine.")


def _postgres() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('max_connections')::int,"
            " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')"
        )
        ((version, most, used),) = cursor.fetchall()
    if int(version.split(".")[0]) < OLDEST_POSTGRES:
        yield wrong(f"PostgreSQL is {version}.", f"Install {OLDEST_POSTGRES} or newer.")
    elif used > FULL * most:
        yield doubtful(
            f"{used} of PostgreSQL's {most} connections are in use.",
            "Raise max_connections, or lower DATABASE_POOL_SIZE.",
        )
    else:
        yield fine(f"PostgreSQL {version}; {used} of {most} connections are in use.")


def _migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        first = plan[0][0]
        yield wrong(
            f"{len(plan)} migrations are not applied, the first {first.app_label}.{first.name}.",
            "`manage.py migrate`.",
        )
    else:
        yield fine("Every migration is applied.")


def _keeps_tasks(info: dict[str, Any]) -> Iterator[Finding]:
    """Redis is also where tasks wait, unless there is a broker of its own."""
    policy, most = info.get("maxmemory_policy", "noeviction"), info.get("maxmemory", 0)
    if policy != "noeviction":
        yield wrong(
            f"Redis may throw data away when it is full (maxmemory-policy {policy}).",
            "Set maxmemory-policy noeviction: waiting tasks are among it.",
        )
    if most and info["used_memory"] > FULL * most:
        yield doubtful(
            f"Redis uses {info['used_memory'] / most:.0%} of its memory.",
            "Raise maxmemory, or find what fills it.",
        )
    if not info.get("aof_enabled"):
        yield doubtful("Redis forgets waiting tasks when it restarts.", "Set appendonly yes.")
    elif info.get("aof_last_write_status") != "ok":
        yield wrong("Redis cannot write to its disk.", "Make room on it; `redis.log` says more.")
    else:
        yield fine("Redis keeps its data over a restart, and throws none away.")


def _ping_ms(server: Any) -> float:
    began = time.perf_counter()
    server.ping()
    return (time.perf_counter() - began) * 1000


def _skew_s(read: Any) -> float:
    """How far this machine is ahead. The answer is taken to be of the middle of the time that it took."""
    before = datetime.now(UTC)
    theirs = read()
    after = datetime.now(UTC)
    return float((before + (after - before) / 2 - theirs).total_seconds())


def _redis_now(server: Any) -> datetime:
    seconds, microseconds = server.time()
    return datetime.fromtimestamp(seconds + microseconds / 1_000_000, UTC)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
