"""Redis is killed and comes back with nothing in it, while people chat and look who is online."""

import asyncio
import time

import pytest

from realtime.testing.history import Closed
from realtime.testing.waiting import await_until

pytestmark = pytest.mark.faults

AWAY_S = 1.5
ACK_P99_S = 1.0
CAUGHT_UP_S = 2.0
PRESENCE_S = 5.0


async def test_redis_killed_and_started_empty_costs_nobody_a_message_or_a_socket(town, new_scene) -> None:
    async with new_scene() as scene:
        (room,) = scene.streams
        people = [await scene.enter("a" if index % 2 else "b") for index in range(len(town.members))]
        everybody = {person.id for person in town.members}
        watchers = people[:2]  # one on each process
        for watcher in watchers:
            await watcher.client.request("call", name="presence.watch", args={"stream": room})
        await _all_seen_online(watchers, room, everybody)
        async with scene.talking(people, pause_s=(0.05, 0.15)):
            await scene.more_acks(30)
            await asyncio.to_thread(town.topology.redis.kill)
            died_at = time.monotonic()
            await asyncio.sleep(AWAY_S)  # the outage itself
            during = [ack for ack in scene.acks() if ack.began_at > died_at]
            assert len(during) > len(people), "sends are stored and acknowledged without Redis"
            await asyncio.to_thread(town.topology.redis.restart_empty)
            back_at = time.monotonic()
            last = max(ack.seq for ack in scene.acks())
            await scene.everyone_has(room, last, within_s=CAUGHT_UP_S)
            print(f"caught up {time.monotonic() - back_at:.2f} s after Redis was back")
            await scene.more_acks(30)
        await _all_seen_online(watchers, room, everybody)
        await scene.settle()
        waits = sorted(ack.at - ack.began_at for ack in scene.acks())
        p99 = waits[int(len(waits) * 0.99)]
        print(f"{len(waits)} acks, p99 {p99 * 1000:.0f} ms")
        assert p99 <= ACK_P99_S
        assert not list(scene.history.of(Closed)), "sockets stay open"
        scene.verdict()


async def test_a_broadcast_goes_out_after_redis_lost_what_was_queued(town, new_scene) -> None:
    async with new_scene() as scene:
        scene.streams = [f"user:{town.members[0].id}"]
        (person,) = [await scene.enter(person=town.members[0])]
        await asyncio.to_thread(town.topology.redis.kill)
        await asyncio.to_thread(town.announce, "while redis was away")
        await asyncio.to_thread(town.topology.redis.restart_empty)
        await await_until(
            lambda: any(
                event["name"] == "notifications.created"
                and event["data"]["item"]["title"] == "while redis was away"
                for event in person.client.events
            ),
            "the broadcast arrives",
            timeout_s=30,
        )
        await scene.settle()
        scene.verdict()


async def _all_seen_online(watchers, room: str, everybody: set[int]) -> None:
    """Asks anew until each of the watchers is told that all are online."""

    async def seen() -> bool:
        answers = []
        for watcher in watchers:
            await watcher.client.request("call", name="presence.unwatch", args={"stream": room})
            reply = await watcher.client.request("call", name="presence.watch", args={"stream": room})
            answers.append(set(reply["result"]["online"]))
        return all(answer == everybody for answer in answers)

    await await_until(seen, "everyone is seen online", timeout_s=PRESENCE_S)
