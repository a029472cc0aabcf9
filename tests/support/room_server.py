"""A small WebSocket server of rooms for the load generator to measure, which misbehaves on demand.

It runs in a thread with an event loop of its own. A client is in the room that its path names (`/3`); `/publish` is
in none. A message is a JSON object with `room` and `id`; the sender is answered `{"type":"reply","id":…}`, and
everybody in the room gets the text with a `seq`. With a `hello` a client first gets what it missed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from http import HTTPStatus
from typing import Any

from websockets.asyncio.connection import Connection
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

EPOCH = "k3"
START_TIMEOUT_S = 10.0


class RoomServer:
    """Delivers every message once, in order, to everybody in its room. Each fault is a subclass."""

    def __init__(self) -> None:
        self.port = 0
        self.members: dict[int, list[Connection]] = defaultdict(list)
        self.log: dict[int, list[str]] = defaultdict(list)
        self.received: list[str] = []  # texts that were no message

    async def handle(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        path = socket.request.path[1:]
        if path.isdigit():
            self.members[int(path)].append(socket)
        async for text in socket:
            assert isinstance(text, str)
            await self.take(socket, text)

    async def take(self, socket: Connection, text: str) -> None:
        frame = json.loads(text)
        if frame.get("type") == "hello":
            await self.welcome(socket, frame)
        elif "room" in frame:
            await self.publish(frame["room"], text)
            await self.acknowledge(socket, frame["id"])
        else:
            self.received.append(text)

    async def welcome(self, socket: Connection, hello: dict[str, Any]) -> None:
        log = self.log[hello["room"]]
        await socket.send(
            json.dumps({"type": "welcome", "epoch": EPOCH, "head": len(log)}, separators=(",", ":"))
        )
        for text in self.missed(log, hello):
            await socket.send(text)

    def missed(self, log: list[str], hello: dict[str, Any]) -> list[str]:
        return log[hello["seq"] :] if hello.get("epoch") == EPOCH else []

    async def publish(self, room: int, text: str) -> None:
        self.log[room].append(f'{{"seq":{len(self.log[room]) + 1},"data":{text}}}')
        await self.fan_out(room, self.log[room][-1])

    async def fan_out(self, room: int, text: str) -> None:
        for member in list(self.members[room]):
            await self.deliver(member, text)

    async def deliver(self, member: Connection, text: str) -> None:
        try:
            await member.send(text)
        except ConnectionClosed:
            return

    async def acknowledge(self, socket: Connection, id: int) -> None:
        await socket.send(f'{{"type":"reply","id":{id},"result":{{}}}}')

    def answer(self, socket: ServerConnection, request: object) -> object:
        """An HTTP response instead of a WebSocket, or None."""
        return None

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Server]:
        logger = logging.getLogger("tests.room_server")
        logger.setLevel(logging.CRITICAL)  # clients that vanish are what is tested
        async with serve(
            self.handle,
            "127.0.0.1",
            0,
            compression=None,
            ping_interval=None,
            process_request=self.answer,  # type: ignore[arg-type]
            logger=logger,
        ) as server:
            yield server


class Refusing(RoomServer):
    def answer(self, socket: ServerConnection, request: object) -> object:
        return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, "full\n")


@contextmanager
def in_thread(listening: Callable[[], AbstractAsyncContextManager[Any]]) -> Iterator[int]:
    """Runs a server in a thread; its port. What it still does at the end is cancelled."""
    started = threading.Event()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = []

    async def main() -> None:
        stop = asyncio.Event()
        async with listening() as server:
            running.append((asyncio.get_running_loop(), stop, server.sockets[0].getsockname()[1]))
            started.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    if not started.wait(START_TIMEOUT_S):
        raise AssertionError("The server did not start.")
    loop, stop, port = running[0]
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(START_TIMEOUT_S)
