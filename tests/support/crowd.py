"""Many sockets in one process, cheaply: each notes the number and the time of every event, and decodes no more.

A `Listener` reads as fast as it can, a `SlowReader` only what it is told to.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import socket
import struct
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.raw_socket import CLOSE, TEXT, frame

TIMEOUT_S = 20.0
SMALL_BUFFER_BYTES = 16_384

_EVENT = b'{"type":"event"'
_SEQ = re.compile(rb'"seq":(\d+)')


def handshake(url: str) -> bytes:
    """The request that opens a WebSocket at `ws://host:port/path`."""
    parts = urlsplit(url)
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def json_frame(**fields: Any) -> bytes:
    return frame(TEXT, json.dumps(fields).encode())


def hello(token: str, cursor: dict[str, Any]) -> bytes:
    return json_frame(type="hello", id=1, token=token, streams=[cursor])


class Listener(asyncio.Protocol):
    """One socket on one stream: `arrivals` are (seq, monotonic time); other frames are in `frames`, decoded."""

    def __init__(self, url: str, token: str, cursor: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        self.arrivals: list[tuple[int, float]] = []
        self.frames: list[dict[str, Any]] = []
        self.status = 0
        self.welcome: asyncio.Future[dict[str, Any]] = loop.create_future()
        self.ended: asyncio.Future[float] = loop.create_future()
        self.transport: asyncio.Transport | None = None
        self._opening = handshake(url), hello(token, cursor)
        self._cursor: int | None = cursor.get("seq")
        self._buffer = bytearray()

    # ---- in

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._opening[0])

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(time.monotonic())
        if not self.welcome.done():
            self.welcome.set_exception(ConnectionError(f"ended with status {self.status}: {error}"))
            self.welcome.exception()

    def data_received(self, chunk: bytes) -> None:
        self._buffer += chunk
        if not self.status and not self._head_ends():
            return
        now = time.monotonic()
        at = 0
        while (body := _body_of(self._buffer, at)) is not None:
            opcode, (start, end) = self._buffer[at] & 0x0F, body
            if opcode == CLOSE:
                self._answer_close(bytes(self._buffer[start:end]))
            else:
                self._take(start, end, now)
            at = end
        del self._buffer[:at]

    def _head_ends(self) -> bool:
        head, separator, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not separator:
            return False
        self.status = int(head.split(b" ", 2)[1])
        self._buffer = bytearray(rest if self.status == 101 else b"")
        if self.status == 101:
            assert self.transport is not None
            self.transport.write(self._opening[1])
        return True

    def _take(self, start: int, end: int, now: float) -> None:
        if self._buffer.startswith(_EVENT, start):
            if (seq := _SEQ.search(self._buffer, start, min(end, start + 120))) is not None:
                self.arrivals.append((int(seq[1]), now))
            return
        found = json.loads(self._buffer[start:end])
        if found["type"] == "welcome" and not self.welcome.done():
            self.welcome.set_result(found)
        elif found["type"] == "error" and not self.welcome.done():
            self.welcome.set_exception(ConnectionError(found["code"]))
        elif found["type"] == "ping":
            self.send(type="pong", id=found["id"], seen={})
        else:
            self.frames.append(found)

    def _answer_close(self, reason: bytes) -> None:
        assert self.transport is not None
        self.transport.write(frame(CLOSE, reason[:2]))
        self.transport.close()

    # ---- out

    def send(self, **fields: Any) -> None:
        assert self.transport is not None
        if not self.transport.is_closing():
            self.transport.write(json_frame(**fields))

    def drop(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    # ---- what came

    @property
    def seqs(self) -> list[int]:
        return [seq for seq, _ in self.arrivals]

    @property
    def last(self) -> int:
        """The number up to which this socket has the stream."""
        if self.arrivals:
            return self.arrivals[-1][0]
        head: int = self.welcome.result()["streams"][0]["head"]
        return head if self._cursor is None else self._cursor


async def listen(url: str, token: str, stream: str, **cursor: Any) -> Listener:
    """A listener that was welcomed. Raises OSError, also where the server refused."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    _, listener = await loop.create_connection(
        lambda: Listener(url, token, {"stream": stream, **cursor}), parts.hostname, parts.port
    )
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await listener.welcome
    except BaseException:
        listener.drop()
        raise
    return listener


class SlowReader:
    """A socket of which the network takes little: nothing is read unless `read_some` is called."""

    def __init__(self, welcome: dict[str, Any], connection: socket.socket) -> None:
        self.cursor: dict[str, Any] = welcome["streams"][0]
        self._socket = connection

    async def ping(self) -> None:
        """Says something without listening. Nothing happens where the server has cut."""
        with suppress(OSError):
            await asyncio.get_running_loop().sock_sendall(self._socket, json_frame(type="ping", id=1))

    async def read_some(self, count: int) -> None:
        with suppress(OSError):
            await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self._socket, count), TIMEOUT_S)

    def close(self) -> None:
        self._socket.close()


async def slow_reader(url: str, token: str, stream: str) -> SlowReader:
    """A slow reader that was welcomed and has read no further."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
    connection.setblocking(False)
    await loop.sock_connect(connection, (parts.hostname, parts.port))
    await loop.sock_sendall(connection, handshake(url))
    received = b""
    async with asyncio.timeout(TIMEOUT_S):
        while b"\r\n\r\n" not in received:
            received += await loop.sock_recv(connection, 4096)
        await loop.sock_sendall(connection, hello(token, {"stream": stream}))
        received = received.partition(b"\r\n\r\n")[2]
        while (body := _body_of(received, 0)) is None:
            received += await loop.sock_recv(connection, 4096)
    return SlowReader(json.loads(received[slice(*body)]), connection)


def _body_of(buffer: bytes | bytearray, at: int) -> tuple[int, int] | None:
    """Where the payload of the server's frame at `at` starts and ends; None while it is not all there."""
    if len(buffer) < at + 2:
        return None
    length, start = buffer[at + 1], at + 2
    if length == 126:
        if len(buffer) < at + 4:
            return None
        (length,), start = struct.unpack_from("!H", buffer, at + 2), at + 4
    elif length == 127:
        if len(buffer) < at + 10:
            return None
        (length,), start = struct.unpack_from("!Q", buffer, at + 2), at + 10
    return (start, start + length) if len(buffer) >= start + length else None


# ---- what a process costs


def memory_bytes(pid: int) -> int:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) * 1024


def open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def percentile(values: Iterable[float], percent: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
