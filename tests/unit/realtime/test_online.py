"""Who is online, asked of processes over a real Redis: all answers count, and one that hangs is not waited for."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from channels.layers import get_channel_layer

from realtime import LayerUnavailable, online_now
from realtime.layer import RedisLayer
from realtime.protocol.streams import group_of

STREAM = "room:7"


async def process(users: list[int]) -> asyncio.Task[None]:
    """What a server process does when it is asked, once it listens."""
    layer: Any = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(group_of(STREAM), channel)

    async def answer() -> None:
        question = await layer.receive(channel)
        assert (question["type"], question["stream"]) == ("presence.ask", STREAM)
        layer.publish_nowait(question["answer_to"], {"type": "presence.answer", "users": users})

    return asyncio.create_task(answer())


async def ask(timeout_s: float) -> set[int]:
    return await asyncio.to_thread(online_now, STREAM, timeout_s=timeout_s)


async def test_where_nobody_follows_the_stream_nobody_is_online() -> None:
    begun = time.monotonic()
    assert await ask(60) == set()
    assert time.monotonic() - begun < 30  # nobody was waited for


async def test_a_process_that_hangs_is_waited_for_so_long_and_no_longer() -> None:
    layer: Any = get_channel_layer()
    hanging = await layer.new_channel()
    answers = [await process([1, 2])]
    await layer.group_add(group_of(STREAM), hanging)
    begun = time.monotonic()
    # This loop receives once for all its channels, so that the group counts as one process, which has answered.
    assert await ask(60) == {1, 2}
    assert time.monotonic() - begun < 30
    await asyncio.gather(*answers)
    assert await ask(0.2) == set()


async def test_without_redis_nobody_knows() -> None:
    layer = RedisLayer(url="redis://127.0.0.1:1/0", publish_timeout_s=0.2)
    with pytest.raises(LayerUnavailable):
        await asyncio.to_thread(layer.ask_sync, "room.7", {"type": "presence.ask"}, timeout_s=0.2)
