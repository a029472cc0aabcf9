"""Broadcasts fall due while workers, beats and Redis die or stand still: each reaches each of its people once."""

import asyncio

import pytest

from realtime.testing.checker import Stored, fired_once
from realtime.testing.stored import occurrences
from realtime.testing.waiting import await_until
from tests.faults.sabotage import VARIABLE
from tests.faults.town import mutation

pytestmark = pytest.mark.faults

BROADCASTS = 10
DUE_FROM_S = 2.0
DONE_S = 30.0
LATE_S = 15.0


async def test_each_occurrence_fires_once_while_workers_beats_and_redis_fail(town, new_scene) -> None:
    async with new_scene() as scene:
        scene.streams = [f"user:{person.id}" for person in town.members]
        for person, stream in zip(town.members, scene.streams, strict=True):
            await scene.enter(person=person, streams=[stream])
        ids = await asyncio.to_thread(_announce, town)
        for hit in (
            lambda: town.restart("worker1"),
            lambda: town.topology.pause("beat1"),  # whoever leads, one of the two
            lambda: town.topology.redis.restart_empty(),
            lambda: town.topology.pause("worker2"),  # longer than its lease
            lambda: town.restart("beat2"),
            lambda: town.topology.resume("beat1"),
            lambda: town.restart("worker1"),
            lambda: town.topology.resume("worker2"),
        ):
            await asyncio.to_thread(hit)
        await _until_all_are_out(town, ids)
        fired = occurrences(town.topology.database_url, ids)
        assert len(fired) == BROADCASTS * len(town.people)
        assert not list(fired_once(Stored([], [], fired)))
        print(f"the latest {max(one.late_s for one in fired):.1f} s late")
        assert max(one.late_s for one in fired) <= LATE_S
        await scene.settle()
        for person in scene.people:
            titles = [event["data"]["item"]["title"] for event in person.client.events]
            assert sorted(titles) == sorted(f"due {number}" for number in range(BROADCASTS))
        scene.verdict()


@mutation
async def test_without_the_lease_what_a_dead_worker_held_would_wait_for_ever(town, new_scene) -> None:
    """The mutation: nobody claims again what was claimed once."""
    forgetful = {VARIABLE: "lease"}
    async with new_scene(without=["worker2"]):
        town.restart("worker1", {**forgetful, "REALTIME_FAILPOINT": "broadcast_chunk:2"}, "--pool", "solo")
        (id,) = await asyncio.to_thread(town.announce, "left behind")
        await await_until(lambda: town.died("worker1"), "the worker dies")
        town.restart("worker2", forgetful)
        with pytest.raises(AssertionError, match="are out"):
            await _until_all_are_out(town, [id], within_s=5.0)  # a lease of 3 s


def _announce(town) -> list[int]:
    when = ("--count", str(BROADCASTS), "--after", str(DUE_FROM_S), "--every", "1")
    return town.announce("due", "--to", "person-", *when)


async def _until_all_are_out(town, ids: list[int], *, within_s: float = DONE_S) -> None:
    marks = ", ".join("?" * len(ids))
    sql = f"SELECT count(*) FROM notifications_broadcast WHERE id IN ({marks}) AND status = 'sent'"
    await await_until(
        lambda: town.rows(sql, *ids) == [(len(ids),)], "all broadcasts are out", timeout_s=within_s
    )
