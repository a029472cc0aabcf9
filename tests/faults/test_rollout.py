"""A deploy replaces all web processes, one after the other: nobody loses anything, sees an error or waits for long."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter

import pytest

from realtime import conf
from realtime.testing.history import Closed, Connected, Failed, History
from realtime.testing.topology import WEBS
from tests.faults.crowds import UNPROTECTED, Crowds
from tests.faults.town import mutation
from tests.support.crowd import Listener, percentile

pytestmark = [pytest.mark.faults, pytest.mark.measures]

ROLLOUTS = int(os.environ.get("FAULTS_SCALE", "1"))
EXIT_S = 30.0
GAP_P99_S = 2.0
NOTICED_S = 0.5  # a client may send on for so long over a socket whose end it has not read yet
SOCKETS = 150
BATCH = 50  # the least that a drain closes at once, each second


@pytest.mark.timeout(60 + 20 * ROLLOUTS)
async def test_a_rolling_restart_under_traffic_loses_nothing_and_shows_no_error(town, new_scene) -> None:
    async with new_scene(rooms=2) as scene:
        drains: list[tuple[float, float]] = []
        people = [await scene.enter(*scene.rng.sample(WEBS, len(WEBS))) for _ in town.members]
        async with scene.talking(people, pause_s=(0.05, 0.15)):
            await scene.more_acks(30)
            for name in WEBS * ROLLOUTS:
                process = town.topology.stack.running[name]
                asked_at = time.monotonic()
                process.send(signal.SIGTERM)
                status = await asyncio.to_thread(process.wait, EXIT_S)
                assert status == 0, process.log[-2000:]
                drains.append((asked_at, time.monotonic()))
                await asyncio.to_thread(town.restart, name)
                await scene.more_acks(30)
        await scene.settle()
        gaps = gaps_of(scene.history)
        print(f"drained in {[round(ended - asked, 1) for asked, ended in drains]} s")
        print(f"{len(gaps)} gaps, p50 {percentile(gaps, 50):.2f} s, p99 {percentile(gaps, 99):.2f} s")
        assert {one.bye for one in scene.history.of(Closed)} == {"draining"}
        # Sent after the goodbye, and again over the next connection: the client library shows nothing of that.
        for one in scene.history.of(Failed):
            assert one.code in ("closed", "unavailable")
            assert any(asked < one.began_at < ended + NOTICED_S for asked, ended in drains), (
                "in flight, and not answered"
            )
        assert percentile(gaps, 99) <= GAP_P99_S
        scene.verdict()


async def test_a_drain_sends_people_away_in_batches_with_different_delays(crowds: Crowds) -> None:
    await crowds.have("a")
    sockets = await drained(crowds, "a", SOCKETS)
    check_goodbyes(sockets)


@mutation
async def test_without_the_drain_all_would_be_cut_without_a_word(crowds: Crowds) -> None:
    """The mutation: the server closes what nobody said goodbye to."""
    await crowds.have(UNPROTECTED)
    sockets = await drained(crowds, UNPROTECTED, 20)
    with pytest.raises(AssertionError, match="a goodbye"):
        check_goodbyes(sockets)


async def drained(crowds: Crowds, name: str, count: int) -> list[Listener]:
    """`count` sockets of one person, after SIGTERM has ended their process well and in time."""
    pair = crowds.pair
    person = pair.person()
    sockets = await asyncio.gather(
        *(crowds.listen(name, person.token, f"user:{person.id}") for _ in range(count))
    )
    began = time.monotonic()
    process = pair.stack.running[name]
    process.send(signal.SIGTERM)
    status = await asyncio.to_thread(process.wait, EXIT_S)
    assert status == 0, process.log[-2000:]
    await asyncio.gather(*(one.ended for one in sockets))
    print(f"drained {count} sockets in {time.monotonic() - began:.1f} s")
    return list(sockets)


def check_goodbyes(sockets: list[Listener]) -> None:
    goodbyes = [[frame for frame in one.frames if frame["type"] == "bye"] for one in sockets]
    assert all(len(found) == 1 for found in goodbyes), "each gets a goodbye"
    assert {bye["code"] for (bye,) in goodbyes} == {"draining"}
    assert all(bye["retry"] for (bye,) in goodbyes)
    delays = [bye["after_ms"] for (bye,) in goodbyes]
    assert max(delays) < conf.DEFAULTS["DRAIN_SPREAD_MS"]
    assert max(Counter(delay // 100 for delay in delays).values()) < SOCKETS / 3, "the delays are spread"
    ends = sorted(one.ended.result() for one in sockets)
    assert all(later - earlier > 0.9 for earlier, later in zip(ends, ends[BATCH + 1 :], strict=False)), (
        "at most a batch in each second"
    )


def gaps_of(history: History) -> list[float]:
    """How long each client was without a connection, each time."""
    gone: dict[str, float] = {}
    gaps = []
    for record in history.records:
        if isinstance(record, Closed):
            gone[record.client] = record.at
        elif isinstance(record, Connected) and record.client in gone:
            gaps.append(record.at - gone.pop(record.client))
    return gaps
