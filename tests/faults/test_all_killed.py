"""The whole house dies at once, in the middle of everything, and comes back."""

import asyncio

import pytest

from realtime.testing.history import Connected

pytestmark = pytest.mark.faults

CAUGHT_UP_S = 10.0


async def test_what_was_acknowledged_is_there_after_everything_died_at_once(town, new_scene) -> None:
    async with new_scene(rooms=2) as scene:
        people = [await scene.enter() for _ in town.members]
        async with scene.talking(people, pause_s=(0.02, 0.08)):
            await scene.more_acks(100)
            await asyncio.to_thread(_kill_everything, town)
            await asyncio.to_thread(town.topology.redis.start_empty)
            await asyncio.to_thread(town.prepare, tampered={}, without=())
            await scene.more_acks(30)
        await scene.settle(within_s=CAUGHT_UP_S)
        assert sum(1 for _ in scene.history.of(Connected)) >= 2 * len(people)
        scene.verdict()


def _kill_everything(town) -> None:
    """In one go, the servers too: nobody gets to finish anything."""
    town.kill(*town.topology.names)
    town.topology.redis.kill()
    if town.topology.postgres is not None:
        town.topology.postgres.stop_immediately()
        town.topology.postgres.start()
