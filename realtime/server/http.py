"""Daphne's HTTP side with bounds on what a stranger may make us read or wait for, each with an answer.

Owns sizes and times of requests. A refusal is a JSON body with the right status; the connection is then
half-closed and read empty for a moment, because closing over unread bytes would reset it and lose the answer.
"""

from __future__ import annotations

import asyncio
import json
import re
from http import HTTPStatus
from io import BytesIO
from typing import IO, Any

from daphne import http_protocol
from twisted.internet.tcp import Connection as TcpTransport
from twisted.web import http

from . import state
from .inbound import PIECE_BYTES

MAX_BODY_BYTES = 1_048_576
MAX_HEADER_BYTES = 16_384
MAX_HEADERS = 500
HEADERS_TIMEOUT_S = 10.0
BODY_PROGRESS_S = 30.0
IDLE_S = 60.0
LINGER_S = 2.0

# A WebSocket handshake as every client sends it: one piece, only plain characters, one meaning to every parser.
_HANDSHAKE = re.compile(
    rb"GET [!-~]+ HTTP/1\.1\r\n(?:[!#$%%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*\r\n){1,%d}\r\n" % MAX_HEADERS
)
_TO_WEBSOCKET = re.compile(rb"\r\nupgrade:[\t ]*websocket[\t ]*\r\n", re.IGNORECASE)


class Request(http_protocol.WebRequest):  # type: ignore[misc]
    """One request. `body_bytes` counts what came, because a chunked body does not say its length."""

    body_bytes = 0
    content: Any
    # A body that lies on the disk, until the application asks for it.
    large_body: IO[bytes] | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        # Twisted would read a whole form into memory and parse it in the loop, and nobody asks for the result.
        super().__init__(*args, parsePOSTFormSubmission=False, **options)

    def handleContentChunk(self, data: bytes) -> None:
        self.body_bytes += len(data)
        if self.body_bytes > self.channel.max_body_bytes:
            self.channel.refuse(413, "body_too_large", _body_rule(self.channel.max_body_bytes))
        elif not self.channel.refused:
            super().handleContentChunk(data)

    def process(self) -> Any:
        path = self.uri.split(b"?", 1)[0].decode("latin1")
        if path in self.server.websocket_paths and not self.requestHeaders.hasHeader(b"Upgrade"):
            self.channel.refuse(
                426,
                "upgrade_required",
                "This address speaks WebSocket (RFC 6455, version 13).",
                headers=[(b"Upgrade", b"websocket"), (b"Sec-WebSocket-Version", b"13")],
            )
            return None
        if self.body_bytes > PIECE_BYTES and not self.requestHeaders.hasHeader(b"Upgrade"):
            # Daphne would read all of it into memory, and keep the loop for as long.
            self.large_body, self.content = self.content, BytesIO()
        channel, transport = self.channel, self.transport
        processed = super().process()
        if self.transport is None:  # it became a WebSocket: what belonged to HTTP can go
            transport.unregisterProducer()
            channel.left()
        return processed

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message.get("type") == "http.response.start" and state.draining:
            self.setHeader(b"connection", b"close")
            if self.channel is not None:
                self.channel.persistent = 0
        super().handle_reply(message)

    def application_ended(self, error: BaseException | None) -> None:
        """Its answer is not finished, or it would not be a connection of the server any more."""
        if self.content is not None and not self.finished and self.channel is not None:
            self.basic_error(500, b"Internal Server Error", "The server made a mistake.")

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        """Daphne's own errors, in our form; after the first byte of an answer only a cut can tell."""
        if self.channel is None:
            return
        if self._response_started:
            self.channel.transport.abortConnection()
        else:
            code = status_text.decode("ascii").lower().replace(" ", "_")
            self.channel.refuse(status, code, body)


# Twisted types only a part of this class.
_HTTPChannel: Any = http.HTTPChannel


class Channel(_HTTPChannel):  # type: ignore[misc]
    """One HTTP connection."""

    requestFactory = Request
    totalHeadersSize = MAX_HEADER_BYTES
    maxHeaders = MAX_HEADERS
    MAX_LENGTH = MAX_HEADER_BYTES
    timeOut = None  # the header timer comes first

    def __init__(self) -> None:
        super().__init__()
        self.refused = False
        self._header_timer: asyncio.TimerHandle | None = None
        self._in_headers = True
        self._in_first_line = True
        self._untouched = True

    @property
    def idle(self) -> bool:
        """Between two requests."""
        return not self.requests

    @property
    def max_body_bytes(self) -> int:
        """What the request whose head is complete may bring."""
        path = self._path.split(b"?", 1)[0].decode("latin1")
        limit: int = self.factory.server.max_body_bytes_of(path)
        return limit

    def connectionMade(self) -> None:
        super().connectionMade()
        self.factory.channels.add(self)
        self._start_header_timer()

    def connectionLost(self, reason: Any) -> None:
        self.left()
        super().connectionLost(reason)

    def left(self) -> None:
        """The connection ended, or became a WebSocket and is no longer ours."""
        self._stop_header_timer()
        self.setTimeout(None)
        self.factory.channels.discard(self)

    def dataReceived(self, data: bytes) -> None:
        if self.refused:
            return
        if self._untouched:
            self._untouched = False
            if self._is_handshake(data):
                self._become_websocket(data)
                return
        if self._in_headers and self._header_timer is None:
            self._start_header_timer()
        super().dataReceived(data)

    def _is_handshake(self, data: bytes) -> bool:
        if not isinstance(self.transport, TcpTransport):  # a TLS wrapper has its own way to change hands
            return False
        handshake = _HANDSHAKE.match(data, 0, MAX_HEADER_BYTES)
        return handshake is not None and _TO_WEBSOCKET.search(data, 0, handshake.end()) is not None

    def _become_websocket(self, data: bytes) -> None:
        """What `Request.process` does, without a request: Autobahn's parser reads the bytes, and nobody before it."""
        transport: Any = self.transport
        transport.unregisterProducer()
        self.left()
        protocol = self.factory.server.ws_factory.buildProtocol(transport.getPeer())
        protocol._raw_query_string = data.split(b" ", 2)[1].partition(b"?")[2]
        transport.protocol = protocol
        protocol.makeConnection(transport)
        protocol.dataReceived(data)
        transport.resumeProducing()

    def lineReceived(self, line: bytes) -> None:
        if self.refused:
            return
        if self._receivedHeaderSize + len(line) > self.totalHeadersSize:
            self.lineLengthExceeded(line)
            return
        if line:
            self._in_first_line = False
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        if self._in_first_line:
            self.refuse(
                414, "address_too_long", f"An address may have at most {self.totalHeadersSize} bytes."
            )
        else:
            self.refuse(431, "headers_too_large", f"Headers may have at most {self.totalHeadersSize} bytes.")

    def headerReceived(self, line: bytes) -> bool:
        if self.refused:
            return False
        if self._receivedHeaderCount >= self.maxHeaders:
            self.refuse(431, "too_many_headers", f"A request may have at most {self.maxHeaders} headers.")
            return False
        return bool(super().headerReceived(line))

    def allHeadersReceived(self) -> None:
        if self.refused:
            return
        self._in_headers = False
        self._in_first_line = True
        self._stop_header_timer()
        if self.length and self.length > self.max_body_bytes:
            self.refuse(413, "body_too_large", _body_rule(self.max_body_bytes))
            return
        super().allHeadersReceived()
        self.setTimeout(BODY_PROGRESS_S)

    def rawDataReceived(self, data: bytes) -> None:
        if not self.refused:
            super().rawDataReceived(data)

    def allContentReceived(self) -> None:
        if not self.refused:
            super().allContentReceived()

    def requestDone(self, request: Any) -> None:
        self._in_headers = True
        super().requestDone(request)
        if self.idle:
            self.setTimeout(IDLE_S)

    def timeoutConnection(self) -> None:
        if self.requests and not self._handlingRequest:
            self.refuse(408, "too_slow", f"No byte of the request came for {BODY_PROGRESS_S:g} s.")
        else:
            super().timeoutConnection()

    def refuse(
        self, status: int, code: str, message: str, *, headers: list[tuple[bytes, bytes]] | None = None
    ) -> None:
        """Answer, close our half, and read what still comes for a moment."""
        if self.refused or self.transport is None:
            return
        self.refused = True
        self.left()
        body = json.dumps(
            {"type": "error", "code": code, "message": message, "retry": status in (408, 503)}
        ).encode()
        lines = [b"HTTP/1.1 %d %s" % (status, HTTPStatus(status).phrase.encode())]
        lines += [name + b": " + value for name, value in headers or ()]
        lines += [
            b"Content-Type: application/json",
            b"Content-Length: %d" % len(body),
            b"Connection: close",
            b"",
            body,
        ]
        self.transport.unregisterProducer()
        self.transport.write(b"\r\n".join(lines))
        self.transport.loseWriteConnection()
        self.transport.resumeProducing()
        self.transport.reactor.callLater(LINGER_S, self.transport.abortConnection)

    def _respondToBadRequestAndDisconnect(self) -> None:
        self.refuse(400, "bad_request", "The request is not valid HTTP/1.1.")

    def _start_header_timer(self) -> None:
        # The loop's own: Twisted searches all its timers one by one when it has to move one.
        self._header_timer = asyncio.get_running_loop().call_later(HEADERS_TIMEOUT_S, self._headers_too_slow)

    def _stop_header_timer(self) -> None:
        timer, self._header_timer = self._header_timer, None
        if timer is not None:
            timer.cancel()

    def _headers_too_slow(self) -> None:
        self._header_timer = None
        self.refuse(408, "too_slow", f"The headers did not arrive within {HEADERS_TIMEOUT_S:g} s.")


class HTTPFactory(http_protocol.HTTPFactory):  # type: ignore[misc]
    """Keeps its open HTTP connections, so that a drain can close the idle ones."""

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self.channels: set[Channel] = set()
        self.protocol = Channel

    def buildProtocol(self, addr: Any) -> Channel:
        channel = Channel()
        channel.factory = self
        channel.site = self
        return channel


def _body_rule(limit: int) -> str:
    return f"A body may have at most {limit} bytes."
