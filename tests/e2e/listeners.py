"""Many people online over real sockets, beside the browser: in a thread of their own, since that has this one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from realtime.testing.client import Client

TIMEOUT_S = 60.0


class Listeners:
    """One socket each, on its own person's stream."""

    def __init__(self, url: str, tokens: Mapping[int, str]) -> None:
        self._clients = {
            user_id: Client(url, token=token, streams=[f"user:{user_id}"], timeout_s=TIMEOUT_S)
            for user_id, token in tokens.items()
        }

    def open(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        for client in self._clients.values():
            self._run(client.connect())

    def close(self) -> None:
        for client in self._clients.values():
            self._run(client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT_S)
        self._loop.close()

    def who_got(self, title: str) -> list[int]:
        """Whom an item with that title came to: a person once for each time that it came."""
        return [
            user_id
            for user_id, client in self._clients.items()
            for event in list(client.events)
            if event["name"] == "notifications.created" and event["data"]["item"]["title"] == title
        ]

    def who_lost(self, reason: str) -> list[int]:
        """From whom items were taken away for that reason."""
        return [
            user_id
            for user_id, client in self._clients.items()
            for event in list(client.events)
            if event["name"] == "notifications.removed" and event["data"]["reason"] == reason
        ]

    def until_all(self, name: str) -> None:
        """Waits until everybody has had an event of that name."""

        async def wait() -> None:
            async with asyncio.timeout(TIMEOUT_S):
                for client in self._clients.values():
                    await client.until(
                        lambda client=client: any(event["name"] == name for event in client.events) or None  # type: ignore[misc]
                    )

        self._run(wait())

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(TIMEOUT_S)


@contextmanager
def listening(url: str, tokens: Mapping[int, str]) -> Iterator[Listeners]:
    listeners = Listeners(url, tokens)
    listeners.open()
    try:
        yield listeners
    finally:
        listeners.close()
