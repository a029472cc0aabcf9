"""How frames leave: straight to our server's socket, or through any ASGI server's `send`."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from realtime.fan_out import Prepared
from realtime.server.frames import prepare_text_frame

EXTENSION = "realtime.connection"

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Connection(Protocol):
    """One client's outgoing side. Sending never blocks: what the network does not take is counted."""

    def send(self, prepared: Prepared) -> None: ...

    @property
    def buffered_bytes(self) -> int:
        """Bytes accepted by `send` that the network has not taken."""

    @property
    def last_progress(self) -> float:
        """Monotonic time at which the network last took some."""

    def close(self, code: int, reason: str) -> None:
        """Closes with a handshake, after what was sent before."""

    def abort(self) -> None:
        """Cuts a connection that takes nothing any more."""


class DirectConnection:
    """Our server's own socket: the same prepared bytes for every receiver, written at once where possible."""

    __slots__ = ("_socket",)

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    def send(self, prepared: Prepared) -> None:
        wire = prepared.forms.get("websocket")
        if wire is None:
            wire = b"".join(map(prepare_text_frame, prepared.frames))
            prepared.forms["websocket"] = wire
        self._socket.write(wire)

    @property
    def buffered_bytes(self) -> int:
        buffered: int = self._socket.buffered_bytes
        return buffered

    @property
    def last_progress(self) -> float:
        progress: float = self._socket.last_progress
        return progress

    def close(self, code: int, reason: str) -> None:
        self._socket.close(code, reason)

    def abort(self) -> None:
        self._socket.abort()


class AsgiConnection:
    """Any other ASGI server: a queue that a task empties while there is something in it."""

    __slots__ = ("_buffered", "_closing", "_progress", "_queue", "_send", "_task")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: deque[bytes] = deque()
        self._buffered = 0
        self._progress = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        self._closing: tuple[int, str] | None = None

    def send(self, prepared: Prepared) -> None:
        if self._closing is not None:
            return
        for frame in prepared.frames:
            self._queue.append(frame)
            self._buffered += len(frame)
        self._work()

    @property
    def buffered_bytes(self) -> int:
        return self._buffered

    @property
    def last_progress(self) -> float:
        return self._progress

    def close(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = (code, reason)
            self._work()

    def abort(self) -> None:
        self._queue.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self.close(1011, "")

    def _work(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._empty())

    async def _empty(self) -> None:
        try:
            while self._queue:
                frame = self._queue.popleft()
                await self._send({"type": "websocket.send", "text": frame.decode()})
                self._buffered -= len(frame)
                self._progress = time.monotonic()
            if self._closing is not None:
                code, reason = self._closing
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except (OSError, RuntimeError):
            # The peer is gone: the server tells the consumer by websocket.disconnect.
            self._queue.clear()
            self._buffered = 0


def connection_of(scope: dict[str, Any], send: Send) -> Connection:
    """The fastest connection that the server offers."""
    direct = scope.get("extensions", {}).get(EXTENSION)
    return DirectConnection(direct) if direct is not None else AsgiConnection(send)
