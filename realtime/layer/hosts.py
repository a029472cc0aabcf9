"""Where the layer's Redis servers are and how to reach one: from an event loop and from a thread.

Owns connection settings only. Knows nothing of channels, groups or messages.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import redis
import redis.sentinel
from channels_redis.utils import create_pool, decode_hosts
from redis.asyncio.connection import AbstractConnection
from redis.backoff import NoBackoff
from redis.retry import Retry

# redis-py types only a part of these.
_Sentinel: Any = redis.sentinel.Sentinel
_SentinelPool: Any = redis.sentinel.SentinelConnectionPool
_BlockingPool: Any = redis.BlockingConnectionPool

HostSettings = str | tuple[str, int] | Mapping[str, Any]


class Host:
    """One Redis server (or one Sentinel service), as channels_redis writes it in `hosts`.

    `timeout_s` bounds connecting and, on the thread side, every command.
    """

    def __init__(self, settings: Mapping[str, Any], *, timeout_s: float, sync_connections: int) -> None:
        self._settings = dict(settings)
        self._timeout_s = timeout_s
        self._sync_connections = sync_connections

    def pool(self) -> LoopPool:
        """Connections for the running loop; a pool must never be shared between loops."""
        return LoopPool(self._settings, timeout_s=self._timeout_s)

    def sync_client(self) -> redis.Redis:
        """A thread-safe client; redis-py's pools notice a fork and start afresh in the child."""
        settings = dict(self._settings)
        timeouts = {
            "socket_timeout": self._timeout_s,
            "socket_connect_timeout": self._timeout_s,
            "max_connections": self._sync_connections,
            "retry": _never_again(),
        }
        if "master_name" in settings:
            sentinels = settings.pop("sentinels")
            sentinel_settings = settings.pop("sentinel_kwargs", None)
            watch = _Sentinel(sentinels, sentinel_kwargs=sentinel_settings)
            pool = _SentinelPool(settings.pop("master_name"), watch, **{**settings, **timeouts})
        elif "address" in settings:
            address = settings.pop("address")
            pool = _BlockingPool.from_url(address, timeout=self._timeout_s, **{**settings, **timeouts})
        else:
            pool = _BlockingPool(timeout=self._timeout_s, **{**settings, **timeouts})
        return redis.Redis(connection_pool=pool)


class LoopPool:
    """Makes connections to one host inside one loop, one at a time, each owned by whoever asked for it."""

    def __init__(self, settings: Mapping[str, Any], *, timeout_s: float) -> None:
        self._pool = create_pool(dict(settings))
        # RESP2: in subscribed mode its answers are plain arrays. No socket_timeout: a blocking read waits as
        # long as it takes, and each owner has its own liveness check (redis-py 8 would cut it after 5 s).
        self._pool.connection_kwargs.update(
            protocol=2,
            decode_responses=False,
            socket_timeout=None,
            socket_connect_timeout=timeout_s,
            health_check_interval=0,
            retry=_never_again(),
        )
        self._timeout_s = timeout_s

    async def connect(self) -> AbstractConnection:
        """A connected, authenticated connection. RedisError, OSError or TimeoutError in bounded time."""
        connection: Any = self._pool.make_connection()
        try:
            # The handshake (AUTH, SELECT) has no timeout of its own without socket_timeout.
            async with asyncio.timeout(self._timeout_s):
                await connection.connect()
        except BaseException:
            await hang_up(connection)
            raise
        connected: AbstractConnection = connection
        return connected

    async def aclose(self) -> None:
        watch = getattr(self._pool, "sentinel_manager", None)
        for sentinel in watch.sentinels if watch is not None else ():
            await sentinel.aclose()


def writer_of(connection: AbstractConnection) -> asyncio.StreamWriter:
    """For writing without a task: redis-py's own way is a coroutine. It has no public name there."""
    writer = connection._writer
    if writer is None:
        raise ConnectionError("The connection to Redis was lost.")
    return writer


async def hang_up(connection: AbstractConnection | None) -> None:
    """Close without waiting for the other side, which may be gone."""
    if connection is not None:
        await connection.disconnect(nowait=True)


def read_hosts(url: str | None, hosts: Sequence[HostSettings] | None) -> list[Mapping[str, Any]]:
    """The `url` or `hosts` of the layer's CONFIG as a list of connection settings, in the order given."""
    if url and hosts:
        raise ValueError("Give the channel layer either 'url' or 'hosts', not both.")
    result: list[Mapping[str, Any]] = decode_hosts([url] if url else hosts)
    return result


def shard_of(name: str, count: int) -> int:
    """The index of the host that carries `name`; the same on every process with the same list of hosts."""
    return 0 if count == 1 else (zlib.crc32(name.encode()) & 0xFFF) * count >> 12


def _never_again() -> Retry:
    """A publish that failed may have been delivered: repeating it is the caller's decision."""
    return Retry(NoBackoff(), 0)
