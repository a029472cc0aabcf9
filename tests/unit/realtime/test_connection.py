"""A server that takes everything and tells nothing: what its client has not read is counted all the same."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from realtime.fan_out import Prepared
from realtime.gateway.connection import ASK_EVERY_BYTES, AsgiConnection
from realtime.testing.waiting import await_until

FRAME = b'{"type":"event","data":"%b"}' % (b"x" * 10_000)


class Server:
    """An ASGI `send` like Daphne's, and the client behind it."""

    def __init__(self) -> None:
        self.connection = AsgiConnection(self.take)
        self.messages: list[dict[str, Any]] = []

    async def take(self, message: dict[str, Any]) -> None:
        self.messages.append(message)

    def pings(self) -> list[int]:
        frames = [msgspec.json.decode(one["text"]) for one in self.messages if "text" in one]
        return [frame["id"] for frame in frames if frame["type"] == "ping"]

    async def has(self, count: int) -> None:
        await await_until(lambda: len(self.messages) >= count, f"{count} messages")


async def test_what_no_answered_ping_covers_counts_as_waiting() -> None:
    server = Server()
    connection = server.connection
    frames = ASK_EVERY_BYTES // len(FRAME) + 1
    connection.send(Prepared([FRAME] * (frames - 1)))
    await server.has(frames - 1)
    assert (connection.buffered_bytes, server.pings()) == (0, [])
    connection.send(Prepared([FRAME]))
    connection.send(Prepared([FRAME] * 2))
    await server.has(frames + 3)
    (ping,) = server.pings()
    assert connection.buffered_bytes > (frames + 2) * len(FRAME)
    connection.answered(ping + 1)
    assert connection.taken_bytes == 0
    connection.answered(ping)
    assert (connection.buffered_bytes, connection.taken_bytes) == (0, frames * len(FRAME))


async def test_an_answer_to_a_later_ping_covers_the_earlier_ones() -> None:
    server = Server()
    for _ in range(3):
        server.connection.send(Prepared([b"x" * ASK_EVERY_BYTES]))
    await server.has(6)
    first, second, third = (
        msgspec.json.decode(one["text"])["id"] for one in server.messages if "ping" in one["text"]
    )
    server.connection.answered(second)
    assert server.connection.buffered_bytes > ASK_EVERY_BYTES
    server.connection.answered(first)
    assert server.connection.taken_bytes > 2 * ASK_EVERY_BYTES
    server.connection.answered(third)
    assert server.connection.buffered_bytes == 0


async def test_an_abort_closes_behind_a_send_that_hangs() -> None:
    server = Server()
    hangs = asyncio.Event()
    messages = server.messages

    async def hang(message: dict[str, Any]) -> None:
        messages.append(message)
        if message["type"] == "websocket.send":
            await hangs.wait()

    connection = AsgiConnection(hang)
    connection.send(Prepared([FRAME, FRAME]))
    await server.has(1)
    connection.close(4008, "slow_consumer")
    connection.abort()
    await server.has(2)
    assert messages[1:] == [{"type": "websocket.close", "code": 4008, "reason": "slow_consumer"}]
