"""One open WebSocket as its application may use it: `scope["extensions"]["realtime.connection"]`.

Owns the outgoing bytes of one transport: how many wait, how many the network has taken, and the way to the
socket that costs least. Reads a few fields of Twisted's transport that have no public name; they are listed
in `_PlainTransport` and used nowhere else.
"""

from __future__ import annotations

import socket as sockets
from collections.abc import Callable
from socket import AF_INET, AF_INET6, IPPROTO_TCP, SO_SNDBUF, SOL_SOCKET
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.tcp import Connection as TcpTransport

if TYPE_CHECKING:
    from .websocket import WebSocketProtocol

# In flight and unsent, together and of the latter alone.
KERNEL_BUFFER_BYTES = 262_144
KERNEL_UNSENT_BYTES = 16_384
TCP_NOTSENT_LOWAT: int | None = getattr(sockets, "TCP_NOTSENT_LOWAT", None)


class _PlainTransport(Protocol):
    dataBuffer: bytes
    offset: int
    _tempDataLen: int


class Connection:
    """Every method may be called at any time, also after the client left; then it does nothing."""

    __slots__ = ("_clear", "_hear", "_plain", "_protocol", "_send", "_taken", "_transport", "_watched")

    def __init__(self, protocol: WebSocketProtocol) -> None:
        transport: Any = protocol.transport
        self._protocol = protocol
        self._transport = transport
        # A TLS or other wrapping transport must see every byte itself.
        self._plain = isinstance(transport, TcpTransport) and not getattr(transport, "TLS", False)
        self._send: Callable[[bytes], int] = transport.socket.send if self._plain else transport.write
        # Open, and nothing waits: then a write is one system call and asks nobody. A fan-out lives on this.
        self._clear = False
        self._watched = False
        self._hear: Callable[[str], bool] | None = None
        self._taken = 0
        if self._plain:
            _bound_what_the_kernel_holds(transport.socket)

    def write(self, wire: bytes) -> None:
        """Send framed bytes (one or several whole frames): straight to the socket when nothing waits before them."""
        if self._clear:
            self._try(wire)
        elif self._protocol.state == self._protocol.STATE_OPEN:
            self.push(wire)
            self._clear = self._plain and not self.buffered_bytes

    def write_at_once(self, wire: bytes) -> bool:
        """As `write`, where nothing waits. False where something does, and then nothing was written."""
        if self._clear:
            self._try(wire)
        elif self.buffered_bytes:
            return False
        else:
            self.write(wire)
        return True

    def push(self, wire: bytes) -> None:
        """As `write`, in whatever state the protocol is: for the handshake and for control frames."""
        transport = self._transport
        if self._plain and transport.connected and not pending_bytes(transport):
            self._try(wire)
        else:
            self._let_wait(wire)

    def _try(self, wire: bytes) -> None:
        try:
            sent = self._send(wire)
        except OSError:  # full; or gone, which Twisted finds out by itself and tells the application
            sent = 0
        if sent < len(wire):
            self._let_wait(wire[sent:] if sent else wire)

    def _let_wait(self, wire: bytes) -> None:
        self._clear = False
        self._watch()
        self._transport.write(wire)

    def shut(self) -> None:
        """The protocol has left its open state: whatever is written from now on goes nowhere."""
        self._clear = False

    @property
    def buffered_bytes(self) -> int:
        """Bytes that were written and that the kernel has not taken."""
        if self._clear:
            return 0
        transport = self._transport
        if self._plain:
            return pending_bytes(transport)
        inner = getattr(transport, "transport", None)
        waiting = sum(map(len, getattr(transport, "_appSendBuffer", None) or ()))
        return waiting + pending_bytes(inner)

    @property
    def taken_bytes(self) -> int:
        """Of the bytes that had to wait, how many the kernel has taken since; only rises."""
        return self._taken

    def close(self, code: int, reason: str) -> None:
        """Start the closing handshake after everything written before; the client sees code and reason."""
        self._protocol.close_with(code, reason)

    def abort(self) -> None:
        """Cut the connection now; whatever waits is lost."""
        self._protocol.dropConnection(abort=True)

    def hear_first(self, handler: Callable[[str], bool] | None) -> None:
        """Shows `handler` each text that nothing waits before; what it answers True to reaches no one else.

        It saves a turn of the event loop, and a task's. It must not block or raise.
        """
        self._hear = handler

    def attend(self) -> None:
        """The application asks the client itself whether it is still there: the server need not."""
        self._protocol.server.attended.add(self._protocol)

    def heard(self, text: str) -> bool:
        """Whether the handler took it."""
        return self._hear is not None and self._hear(text)

    def pause_reading(self) -> None:
        """Take no more from the client until `resume_reading`; TCP then slows it down."""
        self._protocol.inbound.hold()

    def resume_reading(self) -> None:
        self._protocol.inbound.release()

    def _watch(self) -> None:
        """Count what Twisted writes, from the first time that anything waits."""
        transport = _tcp_under(self._transport)
        if self._watched or transport is None:
            return
        self._watched = True
        write_some = transport.writeSomeData

        def write_and_count(data: bytes) -> Any:
            written = write_some(data)
            if isinstance(written, int) and written > 0:
                self._taken += written
            return written

        transport.writeSomeData = write_and_count


def _tcp_under(transport: Any) -> Any:
    """The TCP transport itself, or the one that a TLS transport writes to; None where there is neither."""
    inner = getattr(transport, "transport", None)
    return next((one for one in (transport, inner) if isinstance(one, TcpTransport)), None)


def _bound_what_the_kernel_holds(socket: Any) -> None:
    """Left alone, the kernel takes megabytes for a client that reads nothing, and who reads is seen in leaps."""
    socket.setsockopt(SOL_SOCKET, SO_SNDBUF, KERNEL_BUFFER_BYTES)
    if TCP_NOTSENT_LOWAT is not None and socket.family in (AF_INET, AF_INET6):
        socket.setsockopt(IPPROTO_TCP, TCP_NOTSENT_LOWAT, KERNEL_UNSENT_BYTES)


def pending_bytes(transport: _PlainTransport | Any) -> int:
    """Bytes that wait in Twisted's buffers of an open TCP transport; 0 for any other."""
    if not isinstance(transport, TcpTransport) or not transport.connected:
        return 0
    return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)
