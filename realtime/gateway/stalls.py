"""Clients that take too little of what they are sent: one watch for the process, idle while nobody is slow."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from realtime import conf
from realtime.hub import Hub

if TYPE_CHECKING:
    from realtime.gateway.session import Session

_POLL_S = 0.5


class Stalls:
    """Watches sessions for whose clients something waits, and gives up those that stand still.

    Standing still is to take fewer than STALLED_BELOW_BYTES in STALLED_AFTER_S while there is something to take:
    neither pings nor a byte a second count as reading.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        # When each last had taken enough, and how much that was in all.
        self._watched: dict[Session, tuple[float, int]] = {}
        self._watching: asyncio.Task[None] | None = None

    def watch(self, session: Session) -> None:
        """Something waits for this client. Cheap, and safe to call again, for every frame."""
        if session in self._watched:
            return
        self._watched[session] = (time.monotonic(), session.connection.taken_bytes)
        if self._watching is None or self._watching.done():
            self._watching = self._hub.spawn(self._watch())

    def forget(self, session: Session) -> None:
        self._watched.pop(session, None)

    async def _watch(self) -> None:
        while self._watched:
            await asyncio.sleep(_POLL_S)
            self.check(time.monotonic())

    def check(self, now: float) -> None:
        """Lets go of who has taken everything, and gives up who took too little for too long."""
        enough: int = conf.get("STALLED_BELOW_BYTES")
        patience_s: float = conf.get("STALLED_AFTER_S")
        for session, (since, taken_then) in list(self._watched.items()):
            taken = session.connection.taken_bytes
            if not session.connection.buffered_bytes:
                self.forget(session)
            elif taken - taken_then >= enough:
                self._watched[session] = (now, taken)
            elif now - since > patience_s:
                session.give_up()
