"""The clock of one web process jumps, by seconds or by a day, back and forth: order and connections do not care."""

import asyncio
import glob
import os
from pathlib import Path

import pytest

from realtime.testing.history import Closed
from tests.faults.town import on_one_database
from tests.support import debian

pytestmark = pytest.mark.faults

LIBRARY = "/usr/lib/*/faketime/libfaketimeMT.so.1"
JUMPS = ("+1", "-1", "+90", "-90", "+90000", "-3600", "+0")


@on_one_database
async def test_jumps_of_one_clock_neither_reorder_nor_disconnect(town, new_scene, tmp_path: Path) -> None:
    found = glob.glob(LIBRARY)
    if not found and await asyncio.to_thread(debian.install, "libfaketime"):
        found = glob.glob(LIBRARY)
    if not found:
        pytest.skip("needs libfaketime (Debian: apt-get install libfaketime)")
    clock = tmp_path / "clock"
    _set(clock, "+0")
    skewed = {
        "LD_PRELOAD": found[0],
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    async with new_scene(tampered={"a": skewed}, without="c") as scene:
        people = [await scene.enter("ab"[index % 2]) for index in range(len(town.members))]
        async with scene.talking(people, pause_s=(0.02, 0.08)):
            await scene.more_acks(20)
            for jump in JUMPS:
                await asyncio.to_thread(_set, clock, jump)
                await scene.more_acks(30)
        await scene.settle()
        assert not list(scene.history.of(Closed)), "nobody is sent away"
        scene.verdict()


def _set(clock: Path, offset: str) -> None:
    """In one step: the process may read it at any moment."""
    fresh = clock.with_suffix(".new")
    fresh.write_text(f"{offset}\n")
    os.replace(fresh, clock)
