"""Daphne's WebSocket protocol with limits that answer, a close that says why, and input that waits its turn.

Owns what one client may send and how it is told that it sent too much. Every refusal is a close frame with a
code and a sentence; the bytes after it are read and thrown away until the client has answered or a short time
has passed, because closing over unread bytes would reset the connection and lose that sentence.
"""

from __future__ import annotations

import json
import logging
import time
from http import HTTPStatus
from typing import Any

from autobahn.twisted import websocket as autobahn_twisted
from autobahn.util import encode_truncate
from autobahn.websocket import protocol as autobahn_protocol
from autobahn.websocket import types as autobahn_types
from daphne import ws_protocol
from twisted.internet.defer import Deferred

from .connection import Connection, pending_bytes
from .frames import read_text_frame
from .inbound import Inbound

ConnectionDeny: Any = autobahn_types.ConnectionDeny

logger = logging.getLogger("realtime.server")

MAX_FRAGMENTS = 64
MAX_CONTROL_FRAMES_PER_S = 100
MAX_REASON_BYTES = 123
MAX_PENDING_FOR_PONG_BYTES = 65_536  # a client that does not read gets no more pongs queued
SENDABLE_CODES = frozenset({1000, 1001, 1008, 1009, 1011, 1012, 1013})

TOO_MANY_FRAGMENTS = 4509
RATE_LIMITED = 4429
NORMAL = 1000
LINGER_S = 5.0

_ORIGIN_REFUSALS = ("HTTP Origin header", "WebSocket connection denied: origin")

# Of the handshake, and of no use after it: at thousands of sockets their memory counts.
_HANDSHAKE_ONLY = (
    "_transport_details",
    "_wskey",
    "application_deferred",
    "clean_headers",
    "http_headers",
    "http_request_data",
    "http_request_params",
    "http_status_line",
    "request",
    "root_path",
    "websocket_extensions",
)


class WebSocketProtocol(ws_protocol.WebSocketProtocol):  # type: ignore[misc]
    """One client. `inbound` and `connection` exist from the handshake on."""

    inbound: Inbound
    connection: Connection
    data: bytes  # received, and not looked at yet

    def onConnect(self, request: Any) -> Deferred[Any]:
        self.inbound = Inbound(pause=self._pause, resume=self._resume)
        self.connection = Connection(self)
        self._fragments = 0
        self._control_frames = 0
        self._control_since = 0.0
        accepted: Deferred[Any] = super().onConnect(request)
        self.server.arriving.add(self)
        return accepted

    # ---- from the client

    def dataReceived(self, data: bytes) -> None:
        """As autobahn's, which also counts the bytes, and puts together a debug line that nobody reads."""
        self.data += data
        self.consumeData()

    def consumeData(self) -> None:
        """As autobahn's, but the rest of a chunk waits while the application is behind."""
        if self.state not in (self.STATE_OPEN, self.STATE_CLOSING):
            super().consumeData()
            return
        while not self.inbound.paused or self.state == self.STATE_CLOSING:
            if self._take_whole_message():
                if self.data:
                    continue
                break
            if not self.processData() or self.state == self.STATE_CLOSED:
                break

    def onMessageFrameBegin(self, length: int) -> None:
        super().onMessageFrameBegin(length)
        self._fragments += 1
        if self._fragments > MAX_FRAGMENTS and not self.failedByMe:
            self._refuse(TOO_MANY_FRAGMENTS, f"A message may have at most {MAX_FRAGMENTS} fragments.")

    def onMessageEnd(self) -> None:
        self._fragments = 0
        super().onMessageEnd()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if self.state == self.STATE_OPEN and not self.failedByMe:
            super().onMessage(payload, isBinary)

    def onPing(self, payload: bytes) -> None:
        if (
            not self._too_many_control_frames()
            and self.connection.buffered_bytes < MAX_PENDING_FOR_PONG_BYTES
        ):
            super().onPing(payload)

    def onPong(self, payload: bytes) -> None:
        self.last_ping = ws_protocol.time.time()
        self._too_many_control_frames()

    def onOpen(self) -> None:
        self.server.arriving.discard(self)
        for name in _HANDSHAKE_ONLY:
            self.__dict__.pop(name, None)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        if hasattr(self, "server"):  # otherwise the handshake itself was refused and nobody knows us
            self.server.arriving.discard(self)
            self.server.attended.discard(self)
            self.server.protocol_disconnected(self)
            self.inbound.put_nowait({"type": "websocket.disconnect", "code": code})

    # ---- to the client

    def handle_reply(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "websocket.accept":
            self._accept(message.get("subprotocol"), message.get("headers") or ())
        elif kind == "websocket.http.response.start":
            self._denial = (message["status"], list(message.get("headers") or ()), bytearray())
        elif kind == "websocket.http.response.body":
            self._deny(message.get("body", b""), more=message.get("more_body", False))
        elif kind == "websocket.close" and self.state != self.STATE_CONNECTING:
            self.close_with(message.get("code") or NORMAL, message.get("reason") or "")
        elif kind == "websocket.send" and message.get("text") == "" and message.get("bytes") is None:
            self.serverSend("", False)
        else:
            super().handle_reply(message)

    def close_with(self, code: int, reason: str) -> None:
        """Close with a code and a sentence, cut to the 123 bytes that fit. Nothing when already closing."""
        if code not in SENDABLE_CODES and not 3000 <= code <= 4999:
            raise ValueError(
                f"A server may close with 3000-4999 or one of {sorted(SENDABLE_CODES)}; got {code}."
            )
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=code, reasonUtf8=encode_truncate(reason, MAX_REASON_BYTES) or None)

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:
        """The handshake's answer and control frames take the short way too: no turn of the loop, no `epoll_ctl`."""
        if hasattr(self, "connection"):
            self.connection.push(data)
        else:
            self.transport.write(data)

    def sendCloseFrame(self, *args: Any, **options: Any) -> None:
        super().sendCloseFrame(*args, **options)
        self.connection.shut()
        # The client's answer has to be read, behind whatever waited for the application. Not from here: this
        # may run in the middle of a frame.
        self.transport.reactor.callLater(0, self._resume)

    def dropConnection(self, abort: bool = False) -> None:
        """A finished closing handshake lets the last frames out first; only a broken one is cut."""
        transport = self.transport
        super().dropConnection(abort=abort and not self.wasClean)
        if hasattr(self, "connection"):
            self.connection.shut()
        if pending_bytes(transport):
            transport.reactor.callLater(LINGER_S, transport.abortConnection)

    def serverClose(self, code: int | None = None) -> None:
        self.close_with(NORMAL if code is None else code, "")

    def application_ended(self, error: BaseException | None) -> None:
        """Nobody is there any more for an open socket or an undecided handshake."""
        undecided = self.__dict__.pop("handshake_deferred", None)
        if undecided is not None:
            undecided.errback(ConnectionDeny(code=500, reason="The server made a mistake."))
            self.server.protocol_disconnected(self)
        elif error is None:
            self.close_with(NORMAL, "")
        else:
            self.close_with(1011, "The server made a mistake.")

    def check_timeouts(self) -> None:
        now = ws_protocol.time.time()
        if self.state == self.STATE_OPEN:
            if now - self.last_ping > self.server.ping_interval:
                self._sendAutoPing()
                self.last_ping = now
        elif self.state == self.STATE_CONNECTING and self.duration() > self.server.websocket_connect_timeout:
            self._handshake_took_too_long()

    def failHandshake(self, reason: str, code: int = 400, responseHeaders: Any = None) -> None:
        # What is no origin at all is refused as one that is not ours.
        refused = 403 if reason.startswith(_ORIGIN_REFUSALS) else code
        super().failHandshake(reason, refused, responseHeaders)

    def sendHttpErrorResponse(self, code: int, reason: str, responseHeaders: Any = None) -> None:
        """A refused handshake is an HTTP answer with a body that a program and a person can read."""
        headers = list(responseHeaders or ())
        if any(name == "Sec-WebSocket-Version" for name, _ in headers):
            code = 426  # RFC 6455, section 4.4
            headers += [("Upgrade", "websocket")]
        name = "origin_not_allowed" if reason.startswith(_ORIGIN_REFUSALS) else "handshake_refused"
        body = json.dumps(
            {"type": "error", "code": name, "message": str(reason), "retry": code >= 500}
        ).encode()
        encoded = [(name.encode(), str(value).encode()) for name, value in headers]
        self._send_http(code, _one_line(reason), [*encoded, (b"content-type", b"application/json")], body)

    # ---- inside

    def _take_whole_message(self) -> bool:
        """The usual message, in one step. False leaves anything else to autobahn, and so every complaint."""
        if self.current_frame is not None or self.inside_message or self.state != self.STATE_OPEN:
            return False
        found = read_text_frame(self.data)
        if found is None or self.failedByMe:
            return False
        try:
            text = found[0].decode()
        except UnicodeDecodeError:
            return False
        self.data = found[1]
        self.last_ping = ws_protocol.time.time()
        if not self.inbound.empty() or not self.connection.heard(text):
            self.application_queue.put_nowait({"type": "websocket.receive", "text": text})
        return True

    def _accept(self, subprotocol: str | None, headers: Any) -> None:
        extra: dict[str, list[str]] = {}
        for name, value in headers:
            extra.setdefault(name.decode("latin1"), []).append(value.decode("latin1"))
        accepted = self.__dict__.pop("handshake_deferred", None)
        if accepted is not None:  # otherwise the handshake timed out meanwhile
            accepted.callback((subprotocol, extra))

    def _deny(self, body: bytes, *, more: bool) -> None:
        """The application refuses the handshake by an HTTP answer of its own (ASGI's "Websocket Denial Response")."""
        status, headers, collected = self._denial
        collected += body
        if more or self.__dict__.pop("handshake_deferred", None) is None:
            return
        self._send_http(status, HTTPStatus(status).phrase, headers, bytes(collected))
        self.server.protocol_disconnected(self)
        self.dropConnection(abort=False)

    def _send_http(self, status: int, phrase: str, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        named = [
            (name, value) for name, value in headers if name.lower() not in (b"content-length", b"connection")
        ]
        named += [(b"content-length", b"%d" % len(body)), (b"connection", b"close")]
        lines = [
            b"HTTP/1.1 %d %s" % (status, phrase.encode()),
            *(name + b": " + value for name, value in named),
        ]
        self.sendData(b"\r\n".join([*lines, b"", body]))

    def _handshake_took_too_long(self) -> None:
        accepted = self.__dict__.pop("handshake_deferred", None)
        if accepted is not None:
            accepted.errback(
                ConnectionDeny(code=503, reason="The server is too busy to accept the connection.")
            )
            self.server.protocol_disconnected(self)

    def _refuse(self, code: int, reason: str) -> None:
        """Close, and take nothing of what follows as a message."""
        self.failedByMe = True
        self.close_with(code, reason)

    def _too_many_control_frames(self) -> bool:
        now = time.monotonic()
        if now - self._control_since > 1.0:
            self._control_since, self._control_frames = now, 0
        self._control_frames += 1
        if self._control_frames > MAX_CONTROL_FRAMES_PER_S and not self.failedByMe:
            self._refuse(RATE_LIMITED, f"At most {MAX_CONTROL_FRAMES_PER_S} pings per second.")
        return self._control_frames > MAX_CONTROL_FRAMES_PER_S

    def _pause(self) -> None:
        if self.state == self.STATE_OPEN:
            self.transport.pauseProducing()

    def _resume(self) -> None:
        if self.state != self.STATE_CLOSED:
            self.consumeData()
        if self.state == self.STATE_CLOSING or (self.state == self.STATE_OPEN and not self.inbound.paused):
            self.transport.resumeProducing()


class WebSocketFactory(ws_protocol.WebSocketFactory):  # type: ignore[misc]
    protocol: type[Any] = WebSocketProtocol

    def setProtocolOptions(self, **options: Any) -> None:
        """Autobahn copies its forty options into every socket and formats them for its log; here the class has them."""
        super().setProtocolOptions(**options)
        options = {name: getattr(self, name) for name in WebSocketProtocol.CONFIG_ATTRS}
        ours = {name: staticmethod(one) if callable(one) else one for name, one in options.items()}
        self.protocol = type("WebSocketProtocol", (WebSocketProtocol,), {**ours, "CONFIG_ATTRS": ()})


def spare_debug_texts() -> None:
    """Autobahn colours and formats texts for debug lines at each step of each handshake, also where none is logged."""
    for name in ("hl", "hlid", "hltype", "hlval", "pformat"):
        setattr(autobahn_protocol, name, _as_it_is)
        if hasattr(autobahn_twisted, name):
            setattr(autobahn_twisted, name, _as_it_is)


def _as_it_is(value: Any, *_: Any, **__: Any) -> Any:
    return value


def _one_line(text: str) -> str:
    return " ".join(str(text).split())[:200]
