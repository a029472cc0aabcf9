"""A Celery worker dies by SIGKILL between two chunks of a broadcast to named people."""

import pytest

from realtime.testing.waiting import await_until

pytestmark = pytest.mark.faults

DONE_S = 30.0  # a lease of 3 s, and the start of a worker


@pytest.mark.parametrize("pool", ["solo", "prefork"])
async def test_a_broadcast_whose_worker_dies_in_the_middle_reaches_everyone_once(
    town, new_scene, pool
) -> None:
    """`solo` dies as a whole and is started again; of `prefork` the child dies and the parent starts the next."""
    async with new_scene(without=["worker2"]) as scene:
        town.restart("worker1", {"REALTIME_FAILPOINT": "broadcast_chunk:3"}, "--pool", pool)
        scene.streams = [f"user:{person.id}" for person in town.members[:3]]
        for person, stream in zip(town.members, scene.streams, strict=False):
            await scene.enter(person=person, streams=[stream])
        (id,) = town.announce(f"killed in {pool}")
        await await_until(lambda: _done(town, id) >= 40, "two chunks are out", timeout_s=DONE_S)
        if pool == "solo":
            await await_until(lambda: town.died("worker1"), "the worker dies", timeout_s=DONE_S)
            assert _done(town, id) == 40
            town.restart("worker1")
        await await_until(lambda: _status(town, id) == "sent", "it is sent", timeout_s=DONE_S)
        assert _done(town, id) == len(town.people)
        rows = town.rows(
            "SELECT n.recipient_id, count(*) FROM notifications_notification n"
            " JOIN notifications_occurrence o ON o.id = n.occurrence_id"
            " WHERE o.broadcast_id = ? GROUP BY n.recipient_id",
            id,
        )
        assert sorted(rows) == [(person.id, 1) for person in town.people]
        await scene.settle()
        for person in scene.people:
            titles = [event["data"]["item"]["title"] for event in person.client.events]
            assert titles.count(f"killed in {pool}") == 1
        scene.verdict()


def _done(town, id: int) -> int:
    ((done,),) = town.rows("SELECT done FROM notifications_occurrence WHERE broadcast_id = ?", id)
    return done


def _status(town, id: int) -> str:
    ((status,),) = town.rows("SELECT status FROM notifications_broadcast WHERE id = ?", id)
    return status
