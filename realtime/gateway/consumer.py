"""The consumer of `/ws`: accepts, hands every message to the session, and lets go at the end."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from realtime import conf
from realtime.errors import RealtimeError
from realtime.gateway.addresses import TooManyFromAddress
from realtime.gateway.connection import EXTENSION, Send, connection_of
from realtime.gateway.handshake import Arrival, OriginNotAllowed, UnsupportedSubprotocol, read_handshake
from realtime.gateway.session import Session
from realtime.gateway.sessions import sessions
from realtime.hub import hub
from realtime.protocol.codec import encode

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]


class Gateway:
    """A Channels consumer without its per-message database housekeeping and per-socket layer channel.

    Those would cost every socket a queue and every message a thread hop; the hub has one channel per process.
    """

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        try:
            arrival = read_handshake(scope, conf.get("ORIGINS"))
            sessions().addresses.check(arrival.address)
        except (OriginNotAllowed, UnsupportedSubprotocol, TooManyFromAddress) as error:
            logger.info("Refused a handshake: %s", error)
            await refuse(scope, send, error)
            return
        await send({"type": "websocket.accept", "subprotocol": arrival.subprotocol})
        await self._serve(scope, receive, send, arrival)

    async def _serve(self, scope: dict[str, Any], receive: Receive, send: Send, arrival: Arrival) -> None:
        owner = sessions()
        session = Session(connection_of(scope, send), arrival, owner, hub())
        owner.opened(session)
        socket = scope.get("extensions", {}).get(EXTENSION)
        if socket is not None:
            socket.hear_first(session.heard)
            socket.attend()
        try:
            await owner.ready_for(session)
            if session.problem is not None:
                session.error(None, session.problem)
            while (message := await receive())["type"] == "websocket.receive":
                await session.received(message)
        finally:
            if socket is not None:
                socket.hear_first(None)
            owner.closed(session)


async def refuse(scope: dict[str, Any], send: Send, error: RealtimeError) -> None:
    """Answers the handshake with an HTTP error, with a body where the server can send one."""
    if "websocket.http.response" in scope.get("extensions", {}):
        body = encode(error.as_dict())
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if error.retry_after_ms is not None:
            headers.append((b"retry-after", b"%d" % -(-error.retry_after_ms // 1000)))
        await send({"type": "websocket.http.response.start", "status": error.http_status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": body})
    else:
        await send({"type": "websocket.close", "code": 4503})
