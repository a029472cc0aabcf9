"""Clients whose network vanished without a word: they are gone soon, seen offline, and leave nothing behind."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from realtime.testing.client import Client
from realtime.testing.proxy import Network
from realtime.testing.waiting import await_until
from tests.faults.crowds import UNPROTECTED, Crowds
from tests.faults.town import on_one_database
from tests.support.crowd import listen

pytestmark = [pytest.mark.faults, pytest.mark.measures, on_one_database]

CLIENTS = 50 * int(os.environ.get("FAULTS_SCALE", "1"))
PEOPLE = 5
GONE_WITHIN_S = 60.0
# Each of the four database threads may have opened its three files of an SQLite database meanwhile.
MORE_FILES = 12
HELD = ("carillon_connections", "carillon_subscriptions")


@dataclass
class Vanished:
    """The process, what it held before the clients came, and who on `b` watches them."""

    name: str
    held: dict[str, float]
    files: int
    watcher: Client
    watcher_id: int
    stream: str


async def test_clients_whose_network_vanished_are_gone_offline_and_forgotten(crowds: Crowds) -> None:
    await asyncio.gather(crowds.have("pinging", PING_INTERVAL_S=1.0, PONG_TIMEOUT_S=1.0), crowds.have("b"))
    async with vanished(crowds, "pinging") as scene:
        began = time.monotonic()
        await await_until(lambda: is_forgotten(crowds, scene), "they are forgotten", timeout_s=GONE_WITHIN_S)
        await await_until(
            lambda: seen_online(scene, {scene.watcher_id}), "they are seen offline", timeout_s=GONE_WITHIN_S
        )
        print(f"{CLIENTS} half-open clients were gone after {time.monotonic() - began:.1f} s")
        assert await crowds.metric("pinging", 'carillon_closes_total{code="4009"}') == CLIENTS
        assert crowds.open_files("pinging") <= scene.files + MORE_FILES


async def test_without_pings_half_open_clients_would_stay(crowds: Crowds) -> None:
    """The mutation: the same clients, and nobody asks whether they live."""
    await crowds.have(UNPROTECTED, "b")
    async with vanished(crowds, UNPROTECTED) as scene:
        with pytest.raises(AssertionError, match="they are forgotten"):
            await await_until(lambda: is_forgotten(crowds, scene), "they are forgotten", timeout_s=4.0)
        assert crowds.open_files(UNPROTECTED) >= scene.files + CLIENTS
        assert not await seen_online(scene, {scene.watcher_id})


@asynccontextmanager
async def vanished(crowds: Crowds, name: str) -> AsyncIterator[Vanished]:
    """CLIENTS sockets of PEOPLE whose network has just become a black hole."""
    pair = crowds.pair
    watcher_person = pair.person()
    people = [pair.person() for _ in range(PEOPLE)]
    room = pair.room(watcher_person, *people)
    stream = f"room:{room}"
    with Network() as network:
        async with pair.client(watcher_person, "b", stream) as watcher:
            # The first socket of a process starts what every process has once.
            (await listen(pair.ws_url(name), people[0].token, f"user:{people[0].id}")).drop()
            await await_until(lambda: has_none(crowds, name), "the first one is gone")
            scene = Vanished(
                name,
                {metric: await crowds.metric(name, metric) for metric in HELD},
                crowds.open_files(name),
                watcher,
                watcher_person.id,
                stream,
            )
            proxy = network.proxy(pair.stack.url(name).removeprefix("http://"))
            url = f"ws://{proxy.address}/ws"
            clients = await asyncio.gather(
                *(listen(url, people[number % PEOPLE].token, stream) for number in range(CLIENTS))
            )
            online = {watcher_person.id, *(person.id for person in people)}
            await await_until(lambda: seen_online(scene, online), "all are seen online")
            proxy.blackhole()
            yield scene
            for client in clients:
                client.drop()


async def has_none(crowds: Crowds, name: str) -> bool:
    return await crowds.metric(name, "carillon_connections") == 0


async def is_forgotten(crowds: Crowds, scene: Vanished) -> bool:
    """Whether the process holds what it held before they came, and not one of their sessions and subscriptions."""
    return {metric: await crowds.metric(scene.name, metric) for metric in HELD} == scene.held


async def seen_online(scene: Vanished, people: set[int]) -> bool:
    """Asks anew who is online in the room."""
    answer = await scene.watcher.request("call", name="presence.watch", args={"stream": scene.stream})
    await scene.watcher.request("call", name="presence.unwatch", args={"stream": scene.stream})
    return set(answer["result"]["online"]) == people
