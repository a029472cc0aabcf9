"""The messages of one client that its application has not taken, and the back-pressure that bounds them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

HIGH_MESSAGES = 32
LOW_MESSAGES = 16


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
