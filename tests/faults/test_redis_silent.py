"""Redis stops, falls silent, throws listeners out or refuses writes: sends are stored and heard all the same."""

import asyncio
import json
import time
import urllib.request

import pytest

from realtime.testing.history import Closed
from realtime.testing.topology import WEBS
from realtime.testing.waiting import await_until
from tests.faults.sabotage import VARIABLE
from tests.faults.town import mutation, on_one_database

pytestmark = [pytest.mark.faults, pytest.mark.measures]

NOTICED_S = 12.0
HEALED_S = 2.0
ACK_P99_S = 1.0
PING_P99_S = 0.2
THROWN_OUT = 3
NO_CHECKS = {"REALTIME_HEAL_INTERVAL_S": "3600", "REALTIME_FULL_CHECK_INTERVAL_S": "3600"}


@pytest.mark.parametrize("fault", ["stopped", pytest.param("half-open", marks=on_one_database)])
async def test_a_silent_redis_costs_nobody_a_message_a_socket_or_a_moment(town, new_scene, fault) -> None:
    async with new_scene() as scene:
        (room,) = scene.streams
        people = [await scene.enter(WEBS[index % 3]) for index in range(len(town.members))]
        async with scene.talking(people, pause_s=(0.05, 0.15)):
            await scene.more_acks(30)
            _fall_silent(town, fault)
            pinging = asyncio.create_task(_ping_times(people))
            await await_until(lambda: _all_say(town, "degraded", 0.0), "degraded", timeout_s=NOTICED_S)
            await scene.more_acks(30)
            heard = max(ack.seq for ack in scene.acks())
            await scene.everyone_has(room, heard, within_s=HEALED_S)  # from the log
            _speak_again(town, fault)
            back_at = time.monotonic()
            await await_until(lambda: _all_say(town, "ready", 1.0), "ready", timeout_s=HEALED_S)
            await scene.everyone_has(room, max(ack.seq for ack in scene.acks()), within_s=HEALED_S)
            print(f"healed {time.monotonic() - back_at:.2f} s after Redis was back")
            pinging.cancel()
        await scene.settle()
        pings, acks = await pinging, scene.ack_times()
        print(
            f"{fault}: {len(acks)} acks, p99 {_p99(acks):.3f} s; {len(pings)} pings, p99 {_p99(pings):.3f} s"
        )
        assert _p99(acks) <= ACK_P99_S
        assert _p99(pings) <= PING_P99_S
        assert not list(scene.history.of(Closed)), "sockets stay open"
        scene.verdict()


async def test_listeners_that_redis_throws_out_miss_nothing(town, new_scene) -> None:
    async with new_scene(tampered=dict.fromkeys("ab", NO_CHECKS), without="c") as scene:
        await _throw_out_listeners(town, scene)
        scene.verdict()


@mutation
async def test_without_the_check_after_a_reconnect_they_would(town, new_scene) -> None:
    """The mutation: nobody looks into the log when the connection is back, nor at the hole before the next message."""
    deaf = {**NO_CHECKS, VARIABLE: "reconnect_check gap_fill"}
    async with new_scene(tampered=dict.fromkeys("ab", deaf), without="c") as scene:
        with pytest.raises(AssertionError, match="everyone has"):
            await _throw_out_listeners(town, scene)


@on_one_database
@pytest.mark.parametrize("fault", ["full", "read-only"])
async def test_a_redis_that_refuses_writes_stops_no_conversation(town, new_scene, fault) -> None:
    refuse, again = {
        "full": (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0")),
        "read-only": (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
    }[fault]
    async with new_scene() as scene:
        people = [await scene.enter(WEBS[index % 3]) for index in range(len(town.members))]
        async with scene.talking(people, pause_s=(0.05, 0.15)):
            town.topology.redis.command(*refuse)
            await scene.more_acks(60)
            town.topology.redis.command(*again)
            await scene.more_acks(10)
        await scene.settle(within_s=HEALED_S)
        assert _p99(scene.ack_times()) <= ACK_P99_S
        assert not list(scene.history.of(Closed)), "sockets stay open"
        scene.verdict()


async def _throw_out_listeners(town, scene) -> None:
    """Again and again, while one person at `a` talks to another at `b`; then silence, so that nothing else tells."""
    (room,) = scene.streams
    speaker, listener = await scene.enter("a"), await scene.enter("b")
    for number in range(THROWN_OUT):
        await speaker.send(room, f"before {number}")
        await scene.everyone_has(room, max(ack.seq for ack in scene.acks()), within_s=HEALED_S)
        town.topology.redis.command("CLIENT", "KILL", "TYPE", "pubsub")
        for _ in range(5):
            await speaker.send(room, f"while {listener.name} is deaf")
        await scene.everyone_has(room, max(ack.seq for ack in scene.acks()), within_s=HEALED_S)


def _fall_silent(town, fault: str) -> None:
    if fault == "stopped":
        town.topology.redis.pause()
    else:
        town.topology.redis_link.blackhole()


def _speak_again(town, fault: str) -> None:
    if fault == "stopped":
        town.topology.redis.resume()
    else:
        town.topology.redis_link.heal()


async def _all_say(town, status: str, connected: float) -> bool:
    """Every web process, in /readyz and in the metrics."""
    return await asyncio.to_thread(
        lambda: all(
            _readyz(town, name) == status
            and f"carillon_redis_connected {connected}" in _get(town, name, "metrics")
            for name in WEBS
        )
    )


def _readyz(town, name: str) -> str:
    return json.loads(_get(town, name, "readyz"))["status"]


def _get(town, name: str, path: str) -> str:
    with urllib.request.urlopen(f"{town.topology.stack.url(name)}/{path}", timeout=5) as answer:
        return answer.read().decode()


async def _ping_times(people) -> list[float]:
    """Round trips through the servers' event loops, until cancelled."""
    times: list[float] = []
    try:
        while True:
            for person in people:
                times.append(await person.client.round_trip_s())
            await asyncio.sleep(0.05)
    except asyncio.CancelledError:
        return times


def _p99(figures: list[float]) -> float:
    return sorted(figures)[int(len(figures) * 0.99)]
