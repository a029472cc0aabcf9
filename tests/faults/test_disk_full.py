"""The disk of the database is full for a while: nothing is acknowledged that is not stored, and it heals by itself."""

import asyncio
import json
import os
import random
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing, suppress
from pathlib import Path

import pytest

from realtime.testing.checker import check
from realtime.testing.history import Failed, History
from realtime.testing.participant import Participant
from realtime.testing.proxy import Network
from realtime.testing.stack import Databases
from realtime.testing.stored import stored
from realtime.testing.topology import Topology, running_topology
from realtime.testing.waiting import await_until
from tests.support.pair import request

pytestmark = pytest.mark.faults

DISK_BYTES = 32 * 2**20
TEXT = "x" * 3_900
BACK_S = 5.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def test_a_full_disk_costs_no_acknowledged_message_and_no_restart(
    services, small_disk, tmp_path
) -> None:
    if services.postgres is not None:
        pytest.skip("PostgreSQL ends itself where it cannot write its log: its own supervisor's affair")
    url = Databases(small_disk, None).fresh()
    with Network() as network:
        house = Topology(
            services.directory / "full", network, database_url=url, webs="a", workers=(), beats=()
        )
        with running_topology(house):
            await _fill_and_free(house, small_disk)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def _fill_and_free(house: Topology, disk: Path) -> None:
    cast = json.loads(house.stack.manage("cast", "--people", "2", "--rooms", "1", "--members", "2"))
    room = f"room:{cast['rooms'][0]['id']}"
    history = History()
    async with AsyncExitStack() as online:
        people = [
            await online.enter_async_context(
                Participant(
                    person["name"],
                    urls=[house.socket_url("a")],
                    token=person["token"],
                    streams=[room],
                    history=history,
                    rng=random.Random(0),
                )
            )
            for person in cast["people"]
        ]
        speaker, _ = people
        await speaker.send(room, TEXT)
        filler = disk / "filler"
        _fill(filler)
        sending = asyncio.create_task(_send_on(speaker, room))
        await await_until(lambda: any(history.of(Failed)), "the disk is full", timeout_s=20)
        path = f"{house.stack.url('a')}/api/rooms/{room.removeprefix('room:')}/messages"
        status, page = await asyncio.to_thread(request, "GET", path, token=cast["people"][1]["token"])
        assert status == 200, "reading goes on"
        assert page["items"]
        filler.unlink()
        acknowledged = history.acknowledged
        await await_until(lambda: history.acknowledged > acknowledged, "sends go on", timeout_s=BACK_S)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        last = await speaker.send(room, "enough")
        await await_until(
            lambda: all(person.client.cursors[room]["seq"] >= last.seq for person in people), "all have all"
        )
    assert {one.code for one in history.of(Failed)} == {"unavailable"}
    assert check(history, stored(house.database_url, [room])) == []


async def _send_on(speaker: Participant, room: str) -> None:
    while True:
        await speaker.send(room, TEXT)


def _fill(filler: Path) -> None:
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
