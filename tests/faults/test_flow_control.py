"""Who reads too slowly is cut, costs little, delays nobody and misses nothing; who sends too much is held back."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from statistics import median

import pytest

from realtime.testing.waiting import await_until
from tests.faults.crowds import UNPROTECTED, Crowds
from tests.faults.town import on_one_database
from tests.support.crowd import Listener, SlowReader, percentile, slow_reader

pytestmark = [pytest.mark.faults, pytest.mark.measures, on_one_database]

SCALE = int(os.environ.get("FAULTS_SCALE", "1"))
SLOW = 20 * SCALE  # so many that what the process itself gains meanwhile is little for each
FAST = 200
EVENT_CHARACTERS = 4_000  # of three bytes each
EVENTS_PER_S = 40  # 0.5 MB/s to each: what the readers of this test can take beside the server
WARM_UP_S = 1.0
BASELINE_S = 3.0

CUT_WITHIN_S = 15.0
BYTES_PER_SLOW_SOCKET = 1.5 * 2**20
MORE_DELAY = 1.2
CLOCK_S = 0.1  # what two windows of the same traffic differ by on a busy machine
SLOW_CONSUMER = 'carillon_closes_total{code="4008"}'


class Talk:
    """Messages of EVENT_CHARACTERS into one room at a steady rate; `sent` and `acked` by their numbers."""

    def __init__(self, sender: Listener, room: int) -> None:
        self._sender = sender
        self._room = room
        self._ids = itertools.count(10)
        self._began: dict[int, float] = {}

    async def at_rate(self, per_s: float) -> None:
        began, count = time.monotonic(), 0
        while True:
            self.say()
            count += 1
            await asyncio.sleep(max(0.0, began + count / per_s - time.monotonic()))

    def say(self) -> None:
        id = next(self._ids)
        self._began[id] = time.monotonic()
        arguments = {"room": self._room, "text": "語" * EVENT_CHARACTERS, "client_id": f"{self._room}-{id}"}
        self._sender.send(type="call", id=id, name="chat.message_send", args=arguments)

    def sent(self) -> dict[int, float]:
        """When each acknowledged message was sent, by its seq. Raises KeyError where one was refused."""
        answers = [frame for frame in self._sender.frames if frame.get("id") in self._began]
        return {frame["result"]["seq"]: self._began[frame["id"]] for frame in answers}

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Inside, the room is busy; at the end everything is acknowledged."""
        talking = asyncio.create_task(self.at_rate(EVENTS_PER_S))
        try:
            yield
        finally:
            talking.cancel()
            with suppress(asyncio.CancelledError):
                await talking
        await await_until(lambda: len(self.sent()) == len(self._began), "everything is acknowledged")


async def test_slow_readers_are_cut_cost_little_delay_nobody_and_miss_nothing(crowds: Crowds) -> None:
    """With its mutation beside it: a reader at the process that bounds nothing stays and costs too much."""
    await crowds.have("a", UNPROTECTED)
    pair = crowds.pair
    ann, bob, eve = pair.person(), pair.person(), pair.person()
    room = pair.room(ann, bob, eve)
    stream = f"room:{room}"
    talk = Talk(await crowds.listen("a", ann.token, f"user:{ann.id}"), room)
    fast = await asyncio.gather(*(crowds.listen("a", bob.token, stream) for _ in range(FAST)))
    await crowds.listen(UNPROTECTED, bob.token, stream)
    async with talk.going_on():
        await asyncio.sleep(WARM_UP_S)  # rings, pools and caches fill
        began = time.monotonic()
        await asyncio.sleep(BASELINE_S)  # the window itself
    await everyone_has_all(fast, talk)
    usual_s = delay_p99(fast, talk, began, time.monotonic())
    usual_sockets = await crowds.metric("a", "carillon_connections")
    usual_bytes = {name: crowds.memory_bytes(name) for name in ("a", UNPROTECTED)}

    slow = await asyncio.gather(*(slow_reader(pair.ws_url("a"), eve.token, stream) for _ in range(SLOW)))
    unbounded = await slow_reader(pair.ws_url(UNPROTECTED), eve.token, stream)
    habits = [asyncio.create_task(habit(one, index)) for index, one in enumerate(slow)]
    most_bytes = 0
    began = time.monotonic()
    async with talk.going_on():
        while (left := await crowds.metric("a", "carillon_connections") - usual_sockets) > 0:
            most_bytes = max(most_bytes, crowds.memory_bytes("a"))
            assert time.monotonic() - began < CUT_WITHIN_S, f"{left:g} of {SLOW} are not cut"
            await asyncio.sleep(0.2)
        cut_after_s = time.monotonic() - began
    await everyone_has_all(fast, talk)
    slowed_s = delay_p99(fast, talk, began, time.monotonic())
    cost = (most_bytes - usual_bytes["a"]) / SLOW
    cost_unbounded = crowds.memory_bytes(UNPROTECTED) - usual_bytes[UNPROTECTED]
    print(
        f"cut after {cut_after_s:.1f} s; {cost / 2**20:.2f} MiB each, {cost_unbounded / 2**20:.2f} MiB without bounds; "
        f"p99 of the others {usual_s * 1000:.0f} -> {slowed_s * 1000:.0f} ms"
    )
    assert cost <= BYTES_PER_SLOW_SOCKET < cost_unbounded
    assert slowed_s <= usual_s * MORE_DELAY + CLOCK_S
    assert await crowds.metric("a", SLOW_CONSUMER) == SLOW
    assert await crowds.metric(UNPROTECTED, SLOW_CONSUMER) == 0
    last = max(talk.sent())
    for task, reader in zip(habits, slow, strict=True):
        task.cancel()
        reader.close()
    unbounded.close()
    cursors = [{"epoch": reader.cursor["epoch"], "seq": reader.cursor["head"]} for reader in slow]
    back = await asyncio.gather(*(crowds.listen("a", eve.token, stream, **cursor) for cursor in cursors))
    await await_until(lambda: all(one.last >= last for one in back), "all have caught up", timeout_s=20)
    for one, cursor in zip(back, cursors, strict=True):
        assert one.seqs == list(range(cursor["seq"] + 1, last + 1))


async def habit(reader: SlowReader, index: int) -> None:
    """A third is silent, a third pings without reading, a third reads a byte a second."""
    while index % 3:
        await (reader.ping() if index % 3 == 1 else reader.read_some(1))
        await asyncio.sleep(1.0)


async def everyone_has_all(fast: list[Listener], talk: Talk) -> None:
    last = max(talk.sent())
    await await_until(lambda: all(one.last >= last for one in fast), "everyone has everything")
    for one in fast:
        assert one.seqs == list(range(one.seqs[0], last + 1))


def delay_p99(fast: list[Listener], talk: Talk, began: float, ended: float) -> float:
    """From sending to arriving: the 99th percentile of each second in that window, and of these the median.

    A busy machine has bad moments of its own, and more of them in a longer window.
    """
    sent = {seq: at for seq, at in talk.sent().items() if began <= at <= ended}
    seconds: dict[int, list[float]] = defaultdict(list)
    for one in fast:
        for seq, at in one.arrivals:
            if seq in sent:
                seconds[int(sent[seq] - began)].append(at - sent[seq])
    return median(percentile(delays, 99) for delays in seconds.values())
