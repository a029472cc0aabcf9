"""SIGTERM under load: a deploy. Everyone is told, everything in flight is answered, nothing is lost."""

import asyncio
import signal
import time

import pytest

from realtime.testing.history import Closed, Failed

pytestmark = [pytest.mark.faults, pytest.mark.measures]

EXIT_S = 30.0


async def test_a_drained_process_answers_what_is_in_flight_says_goodbye_and_exits(town, new_scene) -> None:
    async with new_scene() as scene:
        people = [
            await scene.enter(*(("a", "b") if index % 3 else ("b", "a")))
            for index in range(len(town.members))
        ]
        on_a = {person.name for index, person in enumerate(people) if index % 3}
        async with scene.talking(people, pause_s=(0.05, 0.15)):
            await scene.more_acks(30)
            asked_at = time.monotonic()
            process = town.topology.stack.running["a"]
            process.send(signal.SIGTERM)
            status = await asyncio.to_thread(process.wait, EXIT_S)
            print(f"drained in {time.monotonic() - asked_at:.1f} s")
            assert status == 0, process.log[-2000:]
            await scene.more_acks(30)
        await scene.settle()
        goodbyes = {one.client for one in scene.history.of(Closed) if one.bye == "draining"}
        assert goodbyes == on_a
        unanswered = [
            one for one in scene.history.of(Failed) if one.began_at < asked_at and one.code == "closed"
        ]
        assert not unanswered
        scene.verdict()
