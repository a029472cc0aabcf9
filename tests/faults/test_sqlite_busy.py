"""Many processes write one SQLite file, while somebody reads it for long and somebody else checkpoints it."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from realtime.testing.history import Failed
from realtime.testing.topology import WEBS

pytestmark = [pytest.mark.faults, pytest.mark.measures]

ACKS = 400
ACK_P99_S = 0.5


async def test_writers_a_long_reader_and_checkpoints_lock_nobody_out(town, new_scene) -> None:
    """Three web processes with four threads each, two workers at a broadcast, and the two from outside."""
    path = town.topology.database_url.removeprefix("sqlite:///")
    if town.topology.database_link is not None:
        pytest.skip("about SQLite")
    async with new_scene(rooms=3) as scene:
        people = [await scene.enter(WEBS[index % 3]) for index in range(len(town.members))]
        (id,) = await asyncio.to_thread(town.announce, "meanwhile")
        with _long_reader(path):
            checkpointing = asyncio.create_task(_checkpoint(path))
            async with scene.talking(people, pause_s=(0.0, 0.02)):
                await scene.more_acks(ACKS)
            checkpointing.cancel()
        await scene.settle()
        times = sorted(scene.ack_times())
        p99 = times[int(len(times) * 0.99)]
        print(f"{len(times)} acks, p99 {p99 * 1000:.0f} ms")
        assert not list(scene.history.of(Failed)), "nobody is told that the database is busy"
        assert p99 <= ACK_P99_S
        assert town.rows("SELECT status FROM notifications_broadcast WHERE id = ?", id) == [("sent",)]
        logs = [town.topology.stack.running[name].log for name in town.topology.names]
        assert not [log for log in logs if "database is locked" in log]
        scene.verdict()


@contextmanager
def _long_reader(path: str) -> Iterator[None]:
    """A transaction that keeps every page of the log that it has seen."""
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM log_event").fetchone()
        yield
        reader.execute("ROLLBACK")


async def _checkpoint(path: str) -> None:
    while True:
        await asyncio.to_thread(_checkpoint_once, path)
        await asyncio.sleep(0.2)


def _checkpoint_once(path: str) -> None:
    with closing(sqlite3.connect(path, timeout=0.1)) as other:
        try:
            other.execute("PRAGMA wal_checkpoint(RESTART)")
        except sqlite3.OperationalError:  # it waits for the reader, as it should
            return
