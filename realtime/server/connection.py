"""One open WebSocket as its application may use it: `scope["extensions"]["realtime.connection"]`.

Owns the outgoing bytes of one transport: how many wait, when the network last took some, and the way to the
socket that costs least. Reads a few fields of Twisted's transport that have no public name; they are listed
in `_PlainTransport` and used nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.tcp import Connection as TcpTransport

if TYPE_CHECKING:
    from .websocket import WebSocketProtocol


class _PlainTransport(Protocol):
    dataBuffer: bytes
    offset: int
    _tempDataLen: int


class Connection:
    """Every method may be called at any time, also after the client left; then it does nothing."""

    __slots__ = ("_last_progress", "_plain", "_protocol", "_send", "_transport", "_watched")

    def __init__(self, protocol: WebSocketProtocol) -> None:
        transport: Any = protocol.transport
        self._protocol = protocol
        self._transport = transport
        # A TLS or other wrapping transport must see every byte itself.
        self._plain = isinstance(transport, TcpTransport) and not getattr(transport, "TLS", False)
        self._send: Callable[[bytes], int] | None = transport.socket.send if self._plain else None
        self._watched = False
        self._last_progress = time.monotonic()

    def write(self, wire: bytes) -> None:
        """Send framed bytes (one or several whole frames): straight to the socket when nothing waits before them."""
        if self._protocol.state == self._protocol.STATE_OPEN:
            self.push(wire)

    def push(self, wire: bytes) -> None:
        """As `write`, in whatever state the protocol is: for the handshake and for control frames."""
        transport = self._transport
        send = self._send
        if send is None or transport._tempDataLen or transport.dataBuffer or not transport.connected:
            self._watch()
            transport.write(wire)
            return
        try:
            sent = send(wire)
        except BlockingIOError:
            sent = 0
        except OSError:  # gone: Twisted finds out by itself and tells the application
            sent = 0
        if sent < len(wire):
            self._watch()
            transport.write(wire[sent:] if sent else wire)

    @property
    def buffered_bytes(self) -> int:
        """Bytes that were written and that the kernel has not taken."""
        transport = self._transport
        if self._plain:
            return pending_bytes(transport)
        inner = getattr(transport, "transport", None)
        waiting = sum(map(len, getattr(transport, "_appSendBuffer", None) or ()))
        return waiting + pending_bytes(inner)

    @property
    def last_progress(self) -> float:
        """Monotonic time at which the kernel last took bytes; now, when none wait."""
        if not self._watched or not self.buffered_bytes:
            self._watch()
            return time.monotonic()
        return self._last_progress

    def close(self, code: int, reason: str) -> None:
        """Start the closing handshake after everything written before; the client sees code and reason."""
        self._protocol.close_with(code, reason)

    def abort(self) -> None:
        """Cut the connection now; whatever waits is lost."""
        self._protocol.dropConnection(abort=True)

    def pause_reading(self) -> None:
        """Take no more from the client until `resume_reading`; TCP then slows it down."""
        self._protocol.inbound.hold()

    def resume_reading(self) -> None:
        self._protocol.inbound.release()

    def _watch(self) -> None:
        """Note the time of each successful write of Twisted's, from the first time that anything waits."""
        if self._watched or not self._plain:
            return
        self._watched = True
        self._last_progress = time.monotonic()
        write_some = self._transport.writeSomeData

        def write_and_note(data: bytes) -> Any:
            written = write_some(data)
            if isinstance(written, int) and written > 0:
                self._last_progress = time.monotonic()
            return written

        self._transport.writeSomeData = write_and_note


def pending_bytes(transport: _PlainTransport | Any) -> int:
    """Bytes that wait in Twisted's buffers of a TCP transport; 0 for any other."""
    if not isinstance(transport, TcpTransport):
        return 0
    return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)
