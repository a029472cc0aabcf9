"""Connections that end at every moment of their lives mix nothing up between people and leave nothing behind.

Each connection runs the gateway in this process and is cancelled, or its client leaves, after a random number of
steps of the event loop or milliseconds: during hello, subscribing, calls and the close, before and after each await.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection

from accounts.services import token_issue
from realtime import conf, database
from realtime.gateway import sessions as gateway_sessions
from realtime.gateway.consumer import Gateway
from realtime.gateway.sessions import Sessions
from realtime.hub import Hub
from realtime.testing.nemesis import seed_of_this_run
from realtime.testing.waiting import await_until
from tests.support.people import make_room, make_user

CANCELS = 1_000 * int(os.environ.get("FAULTS_SCALE", "1"))
PEOPLE = 8
AT_ONCE = 8
_TAG = re.compile(r"tag(\d+)x")


@dataclass
class Place:
    """A person whose every text carries their tag."""

    number: int
    token: str
    room: int
    sent: list[str] = field(default_factory=list)

    @property
    def tag(self) -> str:
        return f"tag{self.number}x"

    def frames(self, turn: int) -> list[dict[str, Any]]:
        stream = f"room:{self.room}"

        def call(id: int, name: str, /, **args: Any) -> dict[str, Any]:
            args = {"room": self.room, "client_id": f"{turn}-{id}", **args}
            return {"type": "call", "id": id, "name": name, "args": args}

        return [
            {"type": "hello", "id": 1, "token": self.token, "streams": [{"stream": stream}]},
            call(2, "chat.message_send", text=f"{self.tag} says {turn}"),
            {"type": "unsubscribe", "id": 3, "stream": stream},
            {"type": "subscribe", "id": 4, "stream": stream},
            call(5, "chat.room_change", name=f"{self.tag} {turn}", topic=self.tag),
            {"type": "call", "id": 6, "name": "presence.watch", "args": {"stream": stream}},
            call(7, "chat.message_send", text=f"{self.tag} says more"),
        ]

    async def take(self, message: dict[str, Any]) -> None:
        """The server's `send`."""
        self.sent.append(message.get("text", ""))


@pytest.fixture
async def owner(monkeypatch: pytest.MonkeyPatch, settings: Any) -> AsyncIterator[Sessions]:
    settings.REALTIME = {
        **settings.REALTIME,
        "MAX_SOCKETS_PER_USER": 10_000,
        "CALLS_PER_S": 1e6,
        "CALLS_BURST": 1e6,
    }
    hub = Hub(asyncio.get_running_loop())
    await hub.started()
    owner = Sessions(hub)
    monkeypatch.setattr("realtime.hub._hub", hub)
    monkeypatch.setattr(gateway_sessions, "_sessions", owner)
    await owner.started()
    yield owner
    await await_until(lambda: not works_of_connections(), "what connections began has ended")
    await hub.stop()
    await await_until(lambda: not database._at_work, "every database thread has ended its work")


def works_of_connections() -> list[str]:
    """The tasks that run for connections: their calls, batches and replays."""
    names = [task.get_coro().__qualname__ for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith(("Gateway", "Calls", "Batcher", "Subscriptions"))]


@pytest.fixture
async def places() -> list[Place]:
    return await database.run(make_places)


def make_places() -> list[Place]:
    people = [make_user(f"tag{number}x") for number in range(PEOPLE)]
    return [
        Place(
            number, token_issue(person, device_name="phone").access, make_room(person, name=f"tag{number}x")
        )
        for number, person in enumerate(people)
    ]


@pytest.mark.chance
@pytest.mark.timeout(60 + CANCELS // 20)
async def test_a_thousand_connections_cut_anywhere_mix_up_and_leave_nothing(
    owner: Sessions, places: list[Place]
) -> None:
    await cut_many(places, CANCELS)
    reached = [text for place in places for text in place.sent]
    assert any('"id":1' in text for text in reached), "some came as far as the welcome"
    assert any('"id":7' in text for text in reached), "and some to the end"
    for place in places:
        assert {int(tag) for text in place.sent for tag in _TAG.findall(text)} == {place.number}
    await nothing_is_left(owner)
    assert await connections() <= conf.get("DATABASE_THREADS") + 1
    assert sum(one.name.startswith("database_") for one in threading.enumerate()) <= conf.get(
        "DATABASE_THREADS"
    )


async def test_sessions_that_nobody_closes_would_be_noticed(
    owner: Sessions, places: list[Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutation: a connection's end forgets to let go."""
    monkeypatch.setattr(Sessions, "closed", lambda self, session: None)
    await cut_many(places, 50)
    with pytest.raises(AssertionError, match="everything is let go"):
        await nothing_is_left(owner, within_s=1.0)


async def test_streams_that_nobody_checks_would_be_noticed(
    owner: Sessions, places: list[Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutation: whoever asks for a stream may read it."""
    monkeypatch.setattr(
        "realtime.gateway.session.readable_streams", lambda user, streams: set(streams), raising=True
    )
    places[0].room = places[1].room

    async def mixed_up() -> bool:
        await cut_many(places[:2], 40, within_s=0.5)
        return {int(tag) for text in places[0].sent for tag in _TAG.findall(text)} > {0}

    await await_until(mixed_up, "one hears the other", timeout_s=20)


async def cut_many(places: list[Place], count: int, *, within_s: float = 0.05) -> None:
    rng = random.Random(seed_of_this_run())
    turns = iter(range(count))

    async def one_after_the_other() -> None:
        for turn in turns:
            await cut_one(places[turn % len(places)], turn, rng, within_s)

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))


async def cut_one(place: Place, turn: int, rng: random.Random, within_s: float) -> None:
    """One connection, that ends somewhere on its way."""
    inbound: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    inbound.put_nowait({"type": "websocket.connect"})
    for frame in place.frames(turn):
        inbound.put_nowait({"type": "websocket.receive", "text": json.dumps(frame)})
    scope = {"type": "websocket", "path": "/ws", "headers": [], "query_string": b"", "subprotocols": []}
    running = asyncio.create_task(Gateway()(scope, inbound.get, place.take))
    if rng.random() < 0.5:
        for _ in range(rng.randrange(80)):
            await asyncio.sleep(0)
    else:
        await asyncio.sleep(rng.uniform(0, within_s))
    if rng.random() < 0.3:  # the client leaves; what it sent before is still worked off, or not
        inbound.put_nowait({"type": "websocket.disconnect", "code": 1006})
        if rng.random() < 0.5:
            await asyncio.sleep(0)
        else:
            await asyncio.wait({running}, timeout=rng.uniform(0, 0.2))
    running.cancel()
    await asyncio.wait({running})
    if not running.cancelled():
        running.result()


async def nothing_is_left(owner: Sessions, *, within_s: float = 10.0) -> None:
    """No session, no user, and no stream is held for anybody but the engine itself."""

    def let_go() -> bool:
        held = [stream for stream in owner._hub.streams.values() if stream.users]
        return not (owner._all or owner._by_user) and [one.name for one in held] == ["system:access"]

    await await_until(let_go, "everything is let go", timeout_s=within_s)


async def connections() -> int:
    """How many the database counts of us; 0 where it does not count."""

    def count() -> int:
        if connection.vendor != "postgresql":
            return 0
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            return int(cursor.fetchone()[0])

    return await database.run(count)
