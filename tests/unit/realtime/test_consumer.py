"""The gateway at the door: whom it refuses before the handshake is answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from realtime.gateway.consumer import Gateway
from realtime.hub import hub
from realtime.testing.waiting import await_until

Sent = list[dict[str, Any]]


@pytest.fixture(autouse=True)
async def _stopped_hub() -> AsyncIterator[None]:
    yield
    await hub().stop()


@asynccontextmanager
async def client_from(host: str) -> AsyncIterator[Sent]:
    """A WebSocket from that address, as an ASGI server tells of it; what the gateway sent."""
    sent: Sent = []
    received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    scope = {
        "type": "websocket",
        "client": [host, 50_000],
        "extensions": {"websocket.http.response": {}},
        "headers": [],
        "subprotocols": [],
        "query_string": b"",
    }

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    received.put_nowait({"type": "websocket.connect"})
    serving = asyncio.create_task(Gateway()(scope, received.get, send))
    await await_until(lambda: bool(sent), "an answer")
    yield sent
    received.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await serving


async def test_one_address_opens_so_many_sockets_and_is_told_so_at_the_next(settings: Any) -> None:
    settings.REALTIME = {**settings.REALTIME, "MAX_SOCKETS_PER_ADDRESS": 2}
    async with client_from("203.0.113.7") as first, client_from("203.0.113.7") as second:
        assert [one[0]["type"] for one in (first, second)] == ["websocket.accept"] * 2
        async with client_from("203.0.113.7") as (start, body):
            assert start["status"] == 429
            assert (b"retry-after", b"10") in start["headers"]
            error = msgspec.json.decode(body["body"])
            assert error["code"] == "too_many_from_address"
            assert error["data"] == {"max_sockets_per_address": 2}
        async with client_from("203.0.113.8") as other:
            assert other[0]["type"] == "websocket.accept"
    async with client_from("203.0.113.7") as again:
        assert again[0]["type"] == "websocket.accept"


async def test_a_stranger_counts_until_it_leaves(settings: Any) -> None:
    settings.REALTIME = {**settings.REALTIME, "MAX_STRANGERS_PER_ADDRESS": 1}
    async with client_from("203.0.113.7") as first:
        assert first[0]["type"] == "websocket.accept"
        async with client_from("203.0.113.7") as second:
            assert second[0]["status"] == 429
    async with client_from("203.0.113.7") as again:
        assert again[0]["type"] == "websocket.accept"
