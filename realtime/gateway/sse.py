"""The same protocol where WebSockets are blocked: frames down as server-sent events, frames up as POSTs.

`GET /sse` opens a session; its first event, named `open`, carries its address. Each frame of the client is the
body of a `POST /sse` with the header `Carillon-Session: <address>`. The address names the process, so a POST may
reach any of them: no sticky sessions. It is a secret, which is why it is not in the URL.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from realtime import conf
from realtime.errors import NotFound, RateLimited, RealtimeError, Unavailable
from realtime.fan_out import Prepared
from realtime.gateway.handshake import Arrival, read_handshake
from realtime.gateway.session import Session, TooLarge
from realtime.gateway.sessions import Sessions, sessions
from realtime.http import error_response
from realtime.hub import hub
from realtime.layer import LayerUnavailable
from realtime.protocol.codec import encode

logger = logging.getLogger(__name__)

_HEADER = "Carillon-Session"
_SALT = "realtime.sse"
_WAITING_FRAMES = 32


class SessionGone(NotFound):
    code = "session_gone"
    message = "This session has ended. Open a new one with GET /sse."


class SseConnection:
    """Outgoing frames of one event stream, until the response has taken them."""

    __slots__ = ("_buffered", "_closed", "_queue", "_ready", "_taken")

    def __init__(self) -> None:
        self._queue: deque[bytes] = deque()
        self._buffered = 0
        self._taken = 0
        self._ready = asyncio.Event()
        self._closed = False

    def send(self, prepared: Prepared) -> None:
        if prepared.sse is None:
            prepared.sse = b"".join(b"data: %b\n\n" % frame for frame in prepared.frames)
        self._put(prepared.sse)

    def send_at_once(self, prepared: Prepared) -> bool:
        if self.buffered_bytes:
            return False
        self.send(prepared)
        return True

    def open_with(self, address: str) -> None:
        self._put(b"event: open\ndata: %b\n\n" % encode({"address": address}))

    @property
    def buffered_bytes(self) -> int:
        return self._buffered

    @property
    def taken_bytes(self) -> int:
        return self._taken

    def answered(self, ping_id: int) -> None:
        """The response itself says what was taken."""

    def close(self, code: int, reason: str) -> None:
        self._put(b"event: close\ndata: %b\n\n" % encode({"code": code, "reason": reason}))
        self._closed = True

    def abort(self) -> None:
        self._queue.clear()
        self._closed = True
        self._ready.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """What the response sends, until the connection is closed."""
        while True:
            while self._queue:
                chunk = self._queue.popleft()
                yield chunk
                self._buffered -= len(chunk)
                self._taken += len(chunk)
            if self._closed:
                return
            self._ready.clear()
            await self._ready.wait()

    def _put(self, chunk: bytes) -> None:
        if not self._closed:
            self._queue.append(chunk)
            self._buffered += len(chunk)
            self._ready.set()


class SseSessions:
    """This process' sessions over SSE, by the secret part of their address."""

    def __init__(self, owner: Sessions) -> None:
        self._owner = owner
        self._inboxes: dict[str, asyncio.Queue[str]] = {}
        hub().handle("sse.frame", self._on_frame)

    async def serve(self, arrival: Arrival) -> AsyncIterator[bytes]:
        """One session, from its first event to its end; the frames as chunks of an event stream."""
        connection = SseConnection()
        session = Session(connection, arrival, self._owner, hub())
        secret = secrets.token_urlsafe(16)
        inbox = self._inboxes[secret] = asyncio.Queue(_WAITING_FRAMES)
        self._owner.opened(session)
        reader = hub().spawn(self._read(session, inbox))
        try:
            await self._owner.ready_for(session)
            connection.open_with(signing.dumps([hub().channel, secret], salt=_SALT))
            async for chunk in connection.chunks():
                yield chunk
        finally:
            reader.cancel()
            del self._inboxes[secret]
            self._owner.closed(session)

    async def deliver(self, address: str, text: str) -> None:
        """Hands a frame to the session at `address`, in this process or another. Raises RealtimeError."""
        try:
            channel, secret = signing.loads(address, salt=_SALT)
        except (signing.BadSignature, ValueError):
            raise SessionGone() from None
        if channel == hub().channel:
            self._put(secret, text)
            return
        try:
            await hub().layer.send(channel, {"type": "sse.frame", "secret": secret, "text": text})
        except LayerUnavailable:
            raise Unavailable(retry_after_ms=1000) from None

    def _put(self, secret: str, text: str) -> None:
        inbox = self._inboxes.get(secret)
        if inbox is None:
            raise SessionGone()
        try:
            inbox.put_nowait(text)
        except asyncio.QueueFull:
            raise RateLimited(retry_after_ms=500) from None

    def _on_frame(self, message: dict[str, Any]) -> None:
        try:
            self._put(message["secret"], message["text"])
        except RealtimeError as error:
            logger.info("A frame from another process was not taken: %s", error)

    async def _read(self, session: Session, inbox: asyncio.Queue[str]) -> None:
        if session.problem is not None:
            session.error(None, session.problem)
        while True:
            await session.received({"text": await inbox.get()})


_here: SseSessions | None = None


def sse_sessions() -> SseSessions:
    """The SSE sessions of this process."""
    global _here
    owner = sessions()
    if _here is None or _here._owner is not owner:
        _here = SseSessions(owner)
    return _here


@csrf_exempt  # a POST is known by its secret header, which no other page can send; no cookie is looked at
@require_http_methods(["GET", "POST"])
async def stream(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """`GET /sse` opens a session's event stream; `POST /sse` takes one frame of it."""
    return await (_take_frame(request) if request.method == "POST" else _open_stream(request))


async def _open_stream(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    try:
        arrival = read_handshake(_scope(request), conf.get("ORIGINS"), same_origin=True)
        sessions().addresses.check(arrival.address)
    except RealtimeError as error:
        return error_response(error)
    response = StreamingHttpResponse(sse_sessions().serve(arrival), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _take_frame(request: HttpRequest) -> HttpResponse:
    """202, or the error; what the frame leads to comes down the stream."""
    try:
        if len(request.body) > conf.get("MAX_FRAME_BYTES"):
            raise TooLarge(max_bytes=conf.get("MAX_FRAME_BYTES"))
        address = request.headers.get(_HEADER, "")
        await sse_sessions().deliver(address, request.body.decode("utf-8", errors="replace"))
    except RealtimeError as error:
        return error_response(error)
    return HttpResponse(status=202)


def _scope(request: HttpRequest) -> dict[str, Any]:
    """What the handshake reads, from an HTTP request."""
    return {
        "client": (request.META.get("REMOTE_ADDR", ""), 0),
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in request.headers.items()
        ],
        "query_string": request.META.get("QUERY_STRING", "").encode("latin-1"),
    }
