"""A session over server-sent events and POSTs, as a browser behind a proxy without WebSockets has it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2 as httpx

from tests.support.pair import Pair

HEADER = "Carillon-Session"


class EventStream:
    """One session over SSE: frames come down one response, and go up as requests of their own."""

    def __init__(self, web: httpx.AsyncClient, base: str, lines: AsyncIterator[str]) -> None:
        self._web = web
        self._base = base
        self._lines = lines
        self.address = ""

    async def next(self, wanted: str) -> Any:
        """The data of the next event whose name, or whose frame's type, is `wanted`."""
        name = "message"
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    data = json.loads(line.removeprefix("data: "))
                    if wanted in (name, data.get("type")):
                        return data
                    name = "message"
        raise AssertionError(f"The stream ended without {wanted}.")

    async def post(self, frame: Any, *, base: str | None = None) -> httpx.Response:
        text = frame if isinstance(frame, str) else json.dumps(frame)
        return await self._web.post(
            (base or self._base) + "/sse", content=text, headers={HEADER: self.address}
        )


@asynccontextmanager
async def event_stream(pair: Pair, name: str = "a", **headers: str) -> AsyncIterator[EventStream]:
    base = pair.stack.url(name)
    async with (
        httpx.AsyncClient(timeout=10, headers=headers) as web,
        web.stream("GET", base + "/sse") as response,
    ):
        assert response.headers["content-type"] == "text/event-stream"
        stream = EventStream(web, base, response.aiter_lines())
        stream.address = (await stream.next("open"))["address"]
        yield stream
