"""WebSockets as bytes, for measurements in which a client library would take longer to read than the server to send."""

from __future__ import annotations

import os
import socket
import struct
from base64 import b64encode

TIMEOUT_S = 30.0


class RawWebSocket:
    """A client's socket after its handshake. What arrives is looked at as bytes, frames and all."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        key = b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.read_until(b"\r\n\r\n")

    def __enter__(self) -> RawWebSocket:
        return self

    def __exit__(self, *exc: object) -> None:
        self._socket.close()

    def fileno(self) -> int:
        """For `selectors`."""
        return self._socket.fileno()

    def hello(self, token: str, stream: str, cursor: str = "") -> None:
        """Follows one stream. `cursor` is JSON members: `,"epoch":"…","seq":7`."""
        self.send(f'{{"type":"hello","id":1,"token":"{token}","streams":[{{"stream":"{stream}"{cursor}}}]}}')

    def send(self, text: str) -> None:
        """One text frame, masked with zeros."""
        payload = text.encode()
        self._socket.sendall(struct.pack("!BBH4x", 0x81, 0x80 | 126, len(payload)) + payload)

    def read_until(self, mark: bytes, count: int = 1) -> bytes:
        """What came, up to and with the `count`th `mark`."""
        received = bytearray()
        while received.count(mark) < count:
            some = self._socket.recv(1 << 20)
            if not some:
                raise ConnectionError(f"the server closed after {bytes(received[-200:])!r}")
            received += some
        return bytes(received)
