"""An installation for crowds: few people with thousands of sockets, and no bound on how much they say.

The town is for people who lose nothing; this is for bounds. Each test takes people and rooms that nobody used.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.faults import sabotage
from tests.support.crowd import Listener, listen, memory_bytes, open_files
from tests.support.pair import Pair

# What one person with many sockets needs; tests of a bound set it back. With TESTING, PostgreSQL has no pool.
UNBOUNDED = {
    "TESTING": "0",
    "REALTIME_MAX_SOCKETS_PER_USER": "100000",
    "REALTIME_CALLS_PER_S": "100000",
    "REALTIME_CALLS_BURST": "100000",
    "REALTIME_FRAMES_PER_S": "100000",
    "REALTIME_FRAMES_BURST": "100000",
}
# The third process: without any protection, for the proof that tests at the others see them at work.
UNPROTECTED = "unprotected"
_WITHOUT = {
    sabotage.VARIABLE: " ".join(sorted(sabotage.WITHOUT)),
    "REALTIME_SOFT_BUFFER_BYTES": "1000000000",
    "REALTIME_HARD_BUFFER_BYTES": "1000000000",
    "REALTIME_STALLED_AFTER_S": "3600",
    "REALTIME_PING_INTERVAL_S": "3600",
}


class Crowds:
    """The installation, and its processes as `/metrics` and the kernel show them."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self._listeners: list[Listener] = []

    async def have(self, *names: str, **settings: float) -> None:
        """These processes run. One that does not is started, with these numbers of `realtime/conf.py`."""
        environment = {f"REALTIME_{key}": str(value) for key, value in settings.items()}
        starts = [
            asyncio.to_thread(
                self.pair.stack.start_web, name, environment=_WITHOUT if name == UNPROTECTED else environment
            )
            for name in names
            if not self._runs(name)
        ]
        await asyncio.gather(*starts)

    def _runs(self, name: str) -> bool:
        process = self.pair.stack.running.get(name)
        return process is not None and process.returncode is None

    async def listen(self, name: str, token: str, stream: str, **cursor: object) -> Listener:
        """A listener at that process, until the test ends. Raises OSError, also where the server refused."""
        listener = await listen(self.pair.ws_url(name), token, stream, **cursor)
        self._listeners.append(listener)
        return listener

    async def leave(self) -> None:
        """Everybody who listens goes."""
        for one in self._listeners:
            one.drop()
        await asyncio.gather(*(one.ended for one in self._listeners))
        self._listeners.clear()

    def memory_bytes(self, name: str) -> int:
        return memory_bytes(self.pair.stack.running[name].pid)

    def open_files(self, name: str) -> int:
        return open_files(self.pair.stack.running[name].pid)

    async def metric(self, name: str, metric: str) -> float:
        """The value of one line of `/metrics`, such as `carillon_closes_total{code="4008"}`; 0 where it is missing."""
        text = (await self.pair.http("GET", "/metrics", name=name))[1]
        found = re.search(rf"^{re.escape(metric)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0


@contextmanager
def stuck_database(url: str) -> Iterator[None]:
    """Nobody can write a message."""
    if url.startswith("sqlite"):
        holder = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.rollback()
        holder.close()
        return
    with psycopg.connect(url) as server:
        server.execute("LOCK TABLE chat_message IN ACCESS EXCLUSIVE MODE")
        yield
        server.rollback()
