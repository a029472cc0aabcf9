"""A person with a phone, for fault tests: stays connected to any of several servers and sends until acknowledged.

Writes everything into a `History`. Follows the rules of a good client: backoff with full jitter, the delay that
`bye` asked for, cursors, the same client_id for every attempt of one message.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import WebSocketException

from realtime.testing import history as records
from realtime.testing.client import CallFailed, Client, Closed, Frame
from realtime.testing.history import History

CALL_TIMEOUT_S = 5.0
FIRST_BACKOFF_S = 0.05
MAX_BACKOFF_S = 1.0


class Participant:
    """`async with Participant(…) as ada: ack = await ada.send("room:1", "hi")`."""

    def __init__(
        self,
        name: str,
        *,
        urls: Sequence[str],
        token: str,
        streams: Sequence[str],
        history: History,
        rng: random.Random,
    ) -> None:
        self.name = name
        self.history = history
        self._online = asyncio.Event()
        self.client = _Recorder(
            name, urls[0], token=token, streams=streams, history=history, on_end=self._online.clear
        )
        self._urls = list(urls)
        self._rng = rng
        self._life: asyncio.Task[None] | None = None
        self._sends = 0

    async def __aenter__(self) -> Participant:
        self._life = asyncio.get_running_loop().create_task(self._stay_connected())
        async with asyncio.timeout(CALL_TIMEOUT_S * 2):
            await self._online.wait()
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._life is not None:
            self._life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._life
        await self.client.drop()

    async def send(self, stream: str, text: str) -> records.Acked:
        """Sends a message to `room:<id>` until it is acknowledged. Raises CallFailed where trying again is no use."""
        self._sends += 1
        client_id = f"{self.name}-{stream}-{self._sends}-{self._rng.randrange(16**8):08x}"
        while (ack := await self.try_send(stream, text, client_id)) is None:
            pass
        return ack

    async def try_send(self, stream: str, text: str, client_id: str) -> records.Acked | None:
        """One attempt, on the next connection there is; None where nobody answered."""
        await self._online.wait()
        ended = self.client.ended
        began_at = time.monotonic()
        self.history.add(records.Sent(self.name, stream, client_id, began_at))
        room = int(stream.removeprefix("room:"))
        try:
            result = await self.client.call("chat.message_send", room=room, text=text, client_id=client_id)
        except (Closed, TimeoutError) as error:
            self._failed(client_id, "closed" if isinstance(error, Closed) else "timeout", began_at)
            # Whoever leaves a call unanswered for so long is gone, though nobody may have said so.
            self.client.abort()
            await ended.wait()
            return None
        except CallFailed as error:
            self._failed(client_id, error.code, began_at)
            if not error.frame["retry"]:
                raise
            await asyncio.sleep(error.frame.get("retry_after_ms", 50) / 1000)
            return None
        ack = records.Acked(
            self.name, stream, client_id, result["seq"], result["duplicate"], began_at, time.monotonic()
        )
        self.history.add(ack)
        return ack

    async def probe(self, what: str, name: str, **args: Any) -> None:
        """Asks for something that must be refused, and notes the answer."""
        await self._online.wait()
        try:
            await self.client.call(name, **args)
        except CallFailed as error:
            code = error.code
        except Closed:
            code = "closed"
        except TimeoutError:
            code = "timeout"
            self.client.abort()
        else:
            code = ""
        self.history.add(records.Probed(self.name, what, code, time.monotonic()))

    def _failed(self, client_id: str, code: str, began_at: float) -> None:
        self.history.add(records.Failed(self.name, client_id, code, began_at, time.monotonic()))

    # ---- staying connected

    async def _stay_connected(self) -> None:
        failures = 0
        while True:
            try:
                await self.client.connect()
            except (OSError, TimeoutError, WebSocketException, Closed, CallFailed, EOFError):
                failures += 1
                await self.client.drop()
                await self._back_off(failures)
                continue
            failures = 0
            self._online.set()
            await self.client.ended.wait()
            self._online.clear()
            await self.client.drop()
            await self._pause_after_goodbye()
            self._move_on()

    async def _back_off(self, failures: int) -> None:
        self._move_on()
        await asyncio.sleep(self._rng.uniform(0, min(MAX_BACKOFF_S, FIRST_BACKOFF_S * 2**failures)))

    def _move_on(self) -> None:
        self.client.url = self._rng.choice(self._urls)

    async def _pause_after_goodbye(self) -> None:
        if self.client.bye is not None:
            await asyncio.sleep(self.client.bye.get("after_ms", 0) / 1000)


class _Recorder(Client):
    """A client that notes in the history what arrives, at the moment when it does."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        token: str,
        streams: Sequence[str],
        history: History,
        on_end: Callable[[], None],
    ) -> None:
        super().__init__(url, token=token, streams=streams, timeout_s=CALL_TIMEOUT_S)
        self.ended = asyncio.Event()
        self._name = name
        self._history = history
        self._on_end = on_end
        self._joined = False

    async def open(self) -> ClientConnection:
        self.ended = asyncio.Event()
        return await super().open()

    async def _read(self, socket: ClientConnection) -> None:
        url = self.url
        try:
            await super()._read(socket)
        finally:
            bye = self.bye["code"] if self.bye else ""
            self._history.add(records.Closed(self._name, url, bye, time.monotonic()))
            # In one step, so that nobody takes the dead connection for a live one and tries it over and over.
            self._on_end()
            self.ended.set()

    def _take(self, frame: Frame) -> None:
        if frame["type"] == "welcome":
            self._note_welcome(frame)
        elif frame["type"] == "event" and "seq" in frame:
            self._note_event(frame)
        super()._take(frame)

    def _note_welcome(self, frame: Frame) -> None:
        now = time.monotonic()
        states: list[dict[str, Any]] = frame["streams"]
        recovered = all(state.get("recovered") is not False for state in states)
        self._history.add(records.Connected(self._name, self.url, recovered, now))
        if not self._joined:
            self._joined = True
            for state in states:
                self._history.add(records.Joined(self._name, state["stream"], state["head"], now))

    def _note_event(self, frame: Frame) -> None:
        message = frame["data"].get("message") or {}
        client_id = message.get("client_id", "") if frame["name"] == "chat.message_created" else ""
        self._history.add(
            records.Received(
                self._name, frame["stream"], frame["seq"], frame["name"], client_id, time.monotonic()
            )
        )
