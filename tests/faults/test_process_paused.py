"""A web process stands still for seconds while its room goes on, longer than Redis keeps its messages."""

import asyncio

import pytest

pytestmark = pytest.mark.faults

HUNG_UP_S = 45.0
TEXT = "x" * 3_900
# Redis hangs up on a listener that leaves so much unread.
SMALL = "pubsub 131072 65536 1"
USUAL = "pubsub 33554432 8388608 60"
CAUGHT_UP_S = 10.0


async def test_a_process_that_redis_gave_up_brings_everybody_up_to_date_when_it_goes_on(
    town, new_scene
) -> None:
    async with new_scene() as scene:
        (room,) = scene.streams
        speakers = [await scene.enter("a", "b"), await scene.enter("b", "a")]
        await scene.enter("c")
        town.topology.redis.command("CONFIG", "SET", "client-output-buffer-limit", SMALL)
        listeners = _pubsub_clients(town)
        town.topology.pause("c")
        try:
            async with asyncio.timeout(HUNG_UP_S):
                while (
                    _pubsub_clients(town) >= listeners
                ):  # until the buffers on the way are full, and Redis' own
                    await asyncio.gather(*(speaker.send(room, TEXT) for speaker in speakers))
        finally:
            town.topology.resume("c")
            town.topology.redis.command("CONFIG", "SET", "client-output-buffer-limit", USUAL)
        await scene.settle(within_s=CAUGHT_UP_S)
        scene.verdict()


def _pubsub_clients(town) -> int:
    return int(town.topology.redis.figures("clients")["pubsub_clients"])
