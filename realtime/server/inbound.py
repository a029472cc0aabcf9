"""The messages of one client that its application has not taken, and what bounds them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import IO, Any

HIGH_MESSAGES = 32
LOW_MESSAGES = 16
PIECE_BYTES = 65_536


class Inbound(asyncio.Queue[dict[str, Any]]):
    """Pauses the socket above HIGH_MESSAGES waiting messages and lets it go on below LOW_MESSAGES.

    What is put is never refused: the bound works on the socket, so a close always finds its place.
    """

    def __init__(self, *, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        super().__init__()
        self._pause = pause
        self._resume = resume
        self._behind = False
        self._held = False

    @property
    def paused(self) -> bool:
        return self._behind or self._held

    def hold(self) -> None:
        """The application wants a pause of its own."""
        self._held = True
        self._pause()

    def release(self) -> None:
        self._held = False
        self._go_on()

    def _put(self, item: dict[str, Any]) -> None:
        super()._put(item)
        if self.qsize() > HIGH_MESSAGES and not self._behind:
            self._behind = True
            self._pause()

    def _get(self) -> dict[str, Any]:
        item: dict[str, Any] = super()._get()
        if self._behind and self.qsize() < LOW_MESSAGES:
            self._behind = False
            asyncio.get_running_loop().call_soon(self._go_on)
        return item

    def _go_on(self) -> None:
        if not self.paused:
            self._resume()


class BodyInbound(asyncio.Queue[dict[str, Any]]):
    """For a request with a large body: read from where it lies as the application asks, not into memory as a whole.

    Between two pieces the loop has a turn: of a large body an application takes one after the other without a pause.
    """

    def __init__(self, body: IO[bytes]) -> None:
        super().__init__()
        self._body: IO[bytes] | None = body
        body.seek(0)

    def put_nowait(self, item: dict[str, Any]) -> None:
        """What follows the body; Daphne's own piece, which is empty, is none."""
        if item["type"] != "http.request":
            super().put_nowait(item)

    async def get(self) -> dict[str, Any]:
        if self._body is None:
            return await super().get()
        piece = self._body.read(PIECE_BYTES)
        more = len(piece) == PIECE_BYTES
        if more:
            await asyncio.sleep(0)
        else:
            self._body.close()
            self._body = None
        return {"type": "http.request", "body": piece, "more_body": more}
