"""Who sends without end is told to wait, then closed; what cannot be worked off waits in the sender's own memory."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from realtime.testing.client import Client
from realtime.testing.waiting import await_until
from tests.faults.crowds import UNPROTECTED, Crowds, stuck_database
from tests.faults.town import on_one_database
from tests.support.crowd import Listener, percentile

pytestmark = [pytest.mark.faults, pytest.mark.measures, on_one_database]

FLOODERS = int(os.environ.get("FAULTS_SCALE", "1"))
PER_S = 5_000
FLOOD_S = 2.0
MAX_GROWTH_BYTES = 5 * 2**20
ASKS = 40
MORE_DELAY = 1.2
CLOCK_S = 0.05  # what two windows of the same traffic differ by on a busy machine
LIMITS = {"CALLS_PER_S": 20, "CALLS_BURST": 60, "FRAMES_PER_S": 100, "FRAMES_BURST": 400}


async def test_who_floods_is_told_then_closed_and_nobody_else_notices(crowds: Crowds) -> None:
    pair = crowds.pair
    await crowds.have("limited", **LIMITS)
    ann, bob = pair.person(), pair.person()
    room = pair.room(ann, bob)
    async with pair.client(bob, "limited") as bystander:
        usual_s = percentile([await ask(bystander) for _ in range(ASKS)], 99)
        before = crowds.memory_bytes("limited")
        flooders = await asyncio.gather(
            *(crowds.listen("limited", ann.token, f"user:{ann.id}") for _ in range(FLOODERS))
        )
        floods = [asyncio.create_task(flood(one, room, "x")) for one in flooders]
        disturbed_s = percentile([await ask(bystander) for _ in range(ASKS)], 99)
        await asyncio.gather(*floods)
        for one in flooders:
            async with asyncio.timeout(10):
                await one.ended
            errors = [frame for frame in one.frames if frame["type"] == "error"]
            assert {frame["code"] for frame in errors} == {"rate_limited"}
            assert all(frame["retry"] and frame["retry_after_ms"] > 0 for frame in errors)
            assert one.frames[-1]["type"] == "bye"
            assert (one.frames[-1]["code"], one.frames[-1]["retry"]) == ("rate_limited", True)
        growth = crowds.memory_bytes("limited") - before
        print(
            f"{growth / 2**20:.1f} MiB more; another's answer {usual_s * 1000:.0f} -> {disturbed_s * 1000:.0f} ms"
        )
        assert growth <= MAX_GROWTH_BYTES * FLOODERS
        assert disturbed_s <= usual_s * MORE_DELAY + CLOCK_S


async def test_what_the_database_cannot_take_waits_at_the_sender(crowds: Crowds) -> None:
    growth, waiting = await flooded(crowds, "a")
    assert growth <= MAX_GROWTH_BYTES
    assert waiting > MAX_GROWTH_BYTES


async def test_without_pausing_the_input_it_would_wait_in_our_memory(crowds: Crowds) -> None:
    """The mutation: the same flood, read without regard to what waits."""
    growth, _ = await flooded(crowds, UNPROTECTED)
    assert growth > MAX_GROWTH_BYTES


async def flooded(crowds: Crowds, name: str) -> tuple[int, int]:
    """A flood that no rate stops while nothing can be stored: how much it grew, and what waits at the sender."""
    pair = crowds.pair
    await crowds.have(name)
    ann = pair.person()
    room = pair.room(ann)
    flooder = await crowds.listen(name, ann.token, f"user:{ann.id}")
    assert flooder.transport is not None
    await flood(flooder, room, "x", count=50)
    await await_until(lambda: len(flooder.frames) >= 50, "it is warm")
    before = crowds.memory_bytes(name)
    with stuck_database(pair.stack.database_url):
        await flood(flooder, room, "y" * 4_000)
        growth = crowds.memory_bytes(name) - before
        waiting = flooder.transport.get_write_buffer_size()
        flooder.drop()  # or it would go on
    print(f"{growth / 2**20:.1f} MiB more; {waiting / 2**20:.1f} MiB wait at the sender")
    return growth, waiting


async def flood(sender: Listener, room: int, text: str, count: int = int(PER_S * FLOOD_S)) -> None:
    """PER_S messages a second, whatever the answers."""
    began = time.monotonic()
    for number in range(count):
        arguments = {"room": room, "text": text, "client_id": f"{id(sender)}-{text[0]}-{number}"}
        sender.send(type="call", id=number + 10, name="chat.message_send", args=arguments)
        if number % 50 == 0:
            await asyncio.sleep(max(0.0, began + number / PER_S - time.monotonic()))


async def ask(client: Client) -> float:
    """How long the server takes to answer a ping."""
    began = time.monotonic()
    number = time.monotonic_ns() % 10**9
    await client.send_frame({"type": "ping", "id": number})
    await client.until(lambda: any(one["type"] == "pong" and one["id"] == number for one in client.frames))
    return time.monotonic() - began
