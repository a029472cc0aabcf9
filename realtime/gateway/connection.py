"""How frames leave: straight to our server's socket, or through any ASGI server's `send`."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from realtime.fan_out import Prepared
from realtime.protocol.codec import encode
from realtime.protocol.frames import Ping
from realtime.server.frames import prepare_text_frame

EXTENSION = "realtime.connection"
ASK_EVERY_BYTES = 65_536

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Connection(Protocol):
    """One client's outgoing side. Sending never blocks: what the network does not take is counted."""

    def send(self, prepared: Prepared) -> None: ...

    def send_at_once(self, prepared: Prepared) -> bool:
        """Sends where nothing waits before it. False where something does, and then nothing was sent."""

    @property
    def buffered_bytes(self) -> int:
        """Bytes accepted by `send` that the network has not taken."""

    @property
    def taken_bytes(self) -> int:
        """Of the bytes that had to wait, how many the network has taken since; only rises."""

    def answered(self, ping_id: int) -> None:
        """The client has answered a ping, so it has read what was sent before it."""

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
        self._socket.write(prepared.websocket or _framed(prepared))

    def send_at_once(self, prepared: Prepared) -> bool:
        sent: bool = self._socket.write_at_once(prepared.websocket or _framed(prepared))
        return sent

    @property
    def buffered_bytes(self) -> int:
        buffered: int = self._socket.buffered_bytes
        return buffered

    @property
    def taken_bytes(self) -> int:
        taken: int = self._socket.taken_bytes
        return taken

    def answered(self, ping_id: int) -> None:
        """The socket itself says what was taken."""

    def close(self, code: int, reason: str) -> None:
        self._socket.close(code, reason)

    def abort(self) -> None:
        self._socket.abort()


def _framed(prepared: Prepared) -> bytes:
    wire = prepared.websocket = b"".join(map(prepare_text_frame, prepared.frames))
    return wire


class AsgiConnection:
    """Any other ASGI server: a queue that a task empties while there is something in it.

    Such a server may take all that it is given and never say what the client has read: Daphne's buffer has neither
    bound nor count. So the client is asked: after every ASK_EVERY_BYTES goes a ping, and until it is answered all
    that was sent since the last answer counts as waiting.
    """

    __slots__ = (
        "_asked",
        "_asked_at",
        "_closing",
        "_queue",
        "_queued",
        "_read",
        "_send",
        "_sent",
        "_task",
    )

    def __init__(self, send: Send) -> None:
        self._send = send
        self._queue: deque[bytes] = deque()
        self._queued = 0
        # Bytes in all: sent, sent when a ping last went out, and read for certain.
        self._sent = self._asked_at = self._read = 0
        # Pings that wait for their answer, each with what had been sent before it.
        self._asked: dict[int, int] = {}
        self._task: asyncio.Task[None] | None = None
        self._closing: tuple[int, str] | None = None

    def send(self, prepared: Prepared) -> None:
        if self._closing is not None:
            return
        for frame in prepared.frames:
            self._put(frame)
        if self._sent - self._asked_at >= ASK_EVERY_BYTES:
            self._ask()
        self._work()

    def send_at_once(self, prepared: Prepared) -> bool:
        if self.buffered_bytes:
            return False
        self.send(prepared)
        return True

    @property
    def buffered_bytes(self) -> int:
        return self._sent - self._read if self._asked else self._queued

    @property
    def taken_bytes(self) -> int:
        return self._read

    def answered(self, ping_id: int) -> None:
        if ping_id in self._asked:
            self._read = self._asked[ping_id]
            self._asked = {asked: sent for asked, sent in self._asked.items() if sent > self._read}

    def close(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = (code, reason)
            self._work()

    def abort(self) -> None:
        self._queue.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._closing = self._closing or (1011, "")
        self._work()

    def _put(self, frame: bytes) -> None:
        self._queue.append(frame)
        self._queued += len(frame)
        self._sent += len(frame)

    def _ask(self) -> None:
        """The number can't be guessed, so that only a client that reads can answer."""
        ping_id = secrets.randbits(48)
        self._asked[ping_id] = self._asked_at = self._sent
        self._put(encode(Ping(id=ping_id)))

    def _work(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._empty())

    async def _empty(self) -> None:
        try:
            while self._queue:
                frame = self._queue.popleft()
                await self._send({"type": "websocket.send", "text": frame.decode()})
                self._queued -= len(frame)
            if self._closing is not None:
                code, reason = self._closing
                await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except (OSError, RuntimeError):
            # The peer is gone: the server tells the consumer by websocket.disconnect.
            self._queue.clear()
            self._queued = 0


def connection_of(scope: dict[str, Any], send: Send) -> Connection:
    """The fastest connection that the server offers."""
    direct = scope.get("extensions", {}).get(EXTENSION)
    return DirectConnection(direct) if direct is not None else AsgiConnection(send)
