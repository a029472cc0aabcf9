"""A WebSocket client without manners: any bytes as frames, and everything that came back, by RFC 6455."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
TIMEOUT_S = 10.0


def frame(opcode: int, payload: bytes = b"", *, first: int = 0x80, masked: int = 0x80) -> bytes:
    """A client's frame. `first` has the FIN (0x80) and RSV bits; `masked` 0 leaves the mask out."""
    length = len(payload)
    if length < 126:
        size = bytes([masked | length])
    elif length < 65_536:
        size = struct.pack("!BH", masked | 126, length)
    else:
        size = struct.pack("!BQ", masked | 127, length)
    return bytes([first | opcode]) + size + (b"\0\0\0\0" if masked else b"") + payload


class RawSocket:
    """One connection. `status` and `body` are the answer to the handshake."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    async def handshake(self, path: str, headers: dict[str, str]) -> None:
        sent = {
            "Host": "127.0.0.1",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
        } | headers
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
        self.send("\r\n".join(lines).encode())
        async with asyncio.timeout(TIMEOUT_S):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin1").split("\r\n")
            self.status = int(head[0].split()[1])
            self.headers = {
                name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)
            }
            if self.status != 101:
                self.body = await self._reader.read()

    def send(self, raw: bytes) -> None:
        self._writer.write(raw)

    def send_text(self, text: str) -> None:
        self.send(frame(TEXT, text.encode()))

    def send_json(self, **fields: Any) -> None:
        self.send_text(json.dumps(fields))

    async def receive(self) -> tuple[int, bytes]:
        """The next frame: opcode and payload. Raises EOFError at the end, ConnectionError at a reset."""
        async with asyncio.timeout(TIMEOUT_S):
            first, second = await self._reader.readexactly(2)
            length = second & 0x7F
            if length == 126:
                (length,) = struct.unpack("!H", await self._reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", await self._reader.readexactly(8))
            return first & 0x0F, await self._reader.readexactly(length)

    async def json(self, type: str | None = None) -> dict[str, Any]:
        """The next text frame (of that type)."""
        while True:
            opcode, payload = await self.receive()
            if opcode == CLOSE:
                raise EOFError(f"closed: {payload!r}")
            if opcode == TEXT:
                found: dict[str, Any] = json.loads(payload)
                if type in (None, found["type"]):
                    return found

    async def close_code(self) -> int:
        """The code of the close frame that ends this connection."""
        while True:
            opcode, payload = await self.receive()
            if opcode == CLOSE:
                return int(struct.unpack("!H", payload[:2])[0]) if payload else 1005

    async def rest(self) -> list[tuple[int, bytes]]:
        """All frames until the end."""
        found = []
        try:
            while True:
                found.append(await self.receive())
        except (EOFError, ConnectionError):
            return found


@asynccontextmanager
async def raw_socket(url: str, **headers: str) -> AsyncIterator[RawSocket]:
    """A connection to `ws://host:port/path` with these headers, after the server's answer to the handshake."""
    host, _, path = url.removeprefix("ws://").partition("/")
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    socket = RawSocket(reader, writer)
    try:
        await socket.handshake(f"/{path}", {key.replace("_", "-"): value for key, value in headers.items()})
        yield socket
    finally:
        writer.transport.abort()
