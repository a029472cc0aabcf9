"""A client of the gateway over a real WebSocket, for tests, tools and load scripts.

It keeps cursors like a good client, so `reconnect()` resumes, and everything it was delivered is in `events`.
Needs the `websockets` package.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Frame = dict[str, Any]
T = TypeVar("T")

DEFAULT_TIMEOUT_S = 10.0


class CallFailed(Exception):
    """The server answered with an error frame: `code`, `frame`."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(f"{frame['code']}: {frame['message']}")
        self.code: str = frame["code"]
        self.frame = frame


class Closed(Exception):
    """The socket is closed: `code`, and `bye` if the server said one."""

    def __init__(self, code: int | None, bye: Frame | None) -> None:
        super().__init__(f"closed with {code}, bye {bye}")
        self.code = code
        self.bye = bye


class Client:
    """One socket of one user. `async with Client(url, cookie=…) as client: await client.call("chat.…", …)`.

    `url` is `ws://host:port/ws`. A browser's client has `cookie` and `origin`; a phone's has `token`.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        cookie: str | None = None,
        origin: str | None = None,
        streams: Iterable[str] = (),
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> None:
        self.url = url
        self.token = token
        self.cookie = cookie
        self.origin = origin
        self.timeout_s = timeout_s
        self.events: list[Frame] = []
        self.frames: list[Frame] = []
        self.cursors: dict[str, Frame] = {name: {"stream": name} for name in streams}
        self.welcome: Frame = {}
        self.bye: Frame | None = None
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._replies: dict[int, asyncio.Future[Frame]] = {}
        self._changed = asyncio.Event()
        self._ids = 0
        self._taken = 0

    async def __aenter__(self) -> Client:
        await self.connect()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    # ---- life

    async def connect(self) -> Frame:
        """Opens the socket and says hello with the cursors. Returns the welcome; raises CallFailed or Closed."""
        await self.open()
        hello: Frame = {"protocol": 1, "streams": list(self.cursors.values())}
        if self.token:
            hello["token"] = self.token
        self.welcome = await self.request("hello", **hello)
        for state in self.welcome["streams"]:
            if "error" not in state and state.get("recovered") is not False:
                self._adopt(state)
        return self.welcome

    async def open(self) -> ClientConnection:
        """The handshake alone, without hello."""
        headers = {"Cookie": self.cookie} if self.cookie else {}
        self.bye = None
        self._socket = await connect(
            self.url,
            additional_headers=headers,
            origin=self.origin,  # type: ignore[arg-type]
            open_timeout=self.timeout_s,
            max_size=None,
            compression=None,
            proxy=None,
        )
        self._reader = asyncio.get_running_loop().create_task(self._read(self._socket))
        return self._socket

    async def close(self) -> None:
        """Closes in good order."""
        if self._socket is not None:
            await self._socket.close()
        await self._end()

    async def drop(self) -> None:
        """Cuts the connection without a goodbye, as a lost network does."""
        self.abort()
        await self._end()

    def abort(self) -> None:
        """The same without waiting for the end."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def reconnect(self) -> Frame:
        """Drops the socket if it is open, and resumes from the cursors."""
        await self.drop()
        return await self.connect()

    async def closed(self) -> Closed:
        """Waits until the server has closed the socket."""
        assert self._socket is not None
        async with asyncio.timeout(self.timeout_s):
            await self._socket.wait_closed()
        await self._end()
        return Closed(self._socket.close_code, self.bye)

    async def round_trip_s(self) -> float:
        """How long the server takes to answer a WebSocket ping. Raises Closed or TimeoutError."""
        assert self._socket is not None
        try:
            async with asyncio.timeout(self.timeout_s):
                return await (await self._socket.ping())
        except ConnectionClosed:
            raise Closed(self._socket.close_code, self.bye) from None

    # ---- requests

    async def request(self, type: str, **fields: Any) -> Frame:
        """Sends a frame with a new id and waits for its answer. Raises CallFailed, Closed or TimeoutError."""
        self._ids += 1
        id = self._ids
        future: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._replies[id] = future
        try:
            await self.send_frame({"type": type, "id": id, **fields})
            async with asyncio.timeout(self.timeout_s):
                frame = await future
        finally:
            self._replies.pop(id, None)
        if frame["type"] == "error":
            raise CallFailed(frame)
        return frame

    async def call(self, name: str, /, **args: Any) -> Any:
        """Calls a command; gives it a client_id where none is given. Returns the result."""
        args.setdefault("client_id", str(uuid.uuid4()))
        return (await self.request("call", name=name, args=args)).get("result")

    async def subscribe(self, stream: str, cursor: Frame | None = None) -> Frame:
        """Follows one more stream, from `{epoch, seq}` or from its head. Returns its state."""
        known = self.cursors.get(stream)
        self.cursors[stream] = {
            "stream": stream,
            **(cursor or {}),
        }  # what was missed may come with the answer
        try:
            state: Frame = (await self.request("subscribe", stream=stream, **(cursor or {})))["result"]
        except CallFailed:
            self.cursors.pop(stream)
            if known is not None:
                self.cursors[stream] = known
            raise
        if state.get("recovered") is not False:
            self._adopt(state)
        return state

    async def send_frame(self, frame: Frame) -> None:
        await self.send_text(json.dumps(frame))

    async def send_text(self, text: str | bytes) -> None:
        """Sends whatever is given. Raises Closed."""
        assert self._socket is not None
        try:
            await self._socket.send(text)
        except ConnectionClosed:
            raise Closed(self._socket.close_code, self.bye) from None

    # ---- what came

    async def next_event(self, name: str | None = None, stream: str | None = None) -> Frame:
        """The next event that was not taken yet (of this name, on this stream). Raises TimeoutError."""

        def found() -> Frame | None:
            while self._taken < len(self.events):
                event = self.events[self._taken]
                self._taken += 1
                if name in (None, event["name"]) and stream in (None, event["stream"]):
                    return event
            return None

        return await self.until(found)

    async def next_frame(self, type: str) -> Frame:
        """The first frame of this type that came and was not taken."""

        def found() -> Frame | None:
            for index, frame in enumerate(self.frames):
                if frame["type"] == type:
                    return self.frames.pop(index)
            return None

        return await self.until(found)

    async def until(self, condition: Callable[[], T | None]) -> T:
        """Waits, within the timeout, for frames to make `condition()` true; returns its value."""
        async with asyncio.timeout(self.timeout_s):
            while not (value := condition()):
                self._changed.clear()
                await self._changed.wait()
        return value

    def seqs(self, stream: str) -> list[int]:
        """The numbers of all durable events that came on the stream, in the order of arrival."""
        return [event["seq"] for event in self.events if event["stream"] == stream and "seq" in event]

    # ---- reading

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                self._take(json.loads(text))
                self._changed.set()
        except ConnectionClosed:
            pass
        finally:
            error = Closed(socket.close_code, self.bye)
            for future in self._replies.values():
                if not future.done():
                    future.set_exception(error)
                    future.exception()  # whoever sent it may have learned of the end by its send
            self._changed.set()

    def _take(self, frame: Frame) -> None:
        kind = frame["type"]
        if kind == "event":
            self.events.append(frame)
            if "seq" in frame and frame["stream"] in self.cursors:
                self.cursors[frame["stream"]]["seq"] = frame["seq"]
            return
        waiting = self._replies.get(frame.get("id") or 0)
        if kind in ("reply", "error", "welcome") and waiting is not None:
            if not waiting.done():
                waiting.set_result(frame)
            return
        if kind == "bye":
            self.bye = frame
        elif kind == "ping":
            self._answer_ping(frame)
        self.frames.append(frame)

    def _answer_ping(self, frame: Frame) -> None:
        seen = {name: cursor["seq"] for name, cursor in self.cursors.items() if cursor.get("seq") is not None}
        pong = json.dumps({"type": "pong", "id": frame["id"], "seen": seen})
        if self._socket is not None:
            asyncio.get_running_loop().create_task(self._pong(pong))

    async def _pong(self, text: str) -> None:
        try:
            await self.send_text(text)
        except Closed:
            return

    def _adopt(self, state: Frame) -> None:
        """A stream that starts at its head takes the head's cursor."""
        cursor = self.cursors.setdefault(state["stream"], {"stream": state["stream"]})
        cursor["epoch"] = state.get("epoch", "")
        cursor.setdefault("seq", state.get("head", 0))

    async def _end(self) -> None:
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None
