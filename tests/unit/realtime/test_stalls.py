"""Who takes too little is given up, whatever else they do; who reads, however little at a time, stays."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from realtime import conf
from realtime.gateway.stalls import Stalls
from realtime.hub import Hub
from realtime.testing.waiting import await_until

PATIENCE_S: float = conf.DEFAULTS["STALLED_AFTER_S"]
ENOUGH: int = conf.DEFAULTS["STALLED_BELOW_BYTES"]


class Client:
    """A session and its connection in one."""

    def __init__(self) -> None:
        self.connection = self
        self.buffered_bytes = 100_000
        self.taken_bytes = 0
        self.given_up = False

    def take(self, count: int) -> None:
        self.taken_bytes += count
        self.buffered_bytes -= count

    def give_up(self) -> None:
        self.given_up = True


@pytest.fixture
async def stalls() -> AsyncIterator[Stalls]:
    hub = Hub(asyncio.get_running_loop())
    yield Stalls(hub)
    await hub.stop()


async def test_who_takes_nothing_is_given_up(stalls: Stalls) -> None:
    client, now = Client(), time.monotonic()
    stalls.watch(client)  # type: ignore[arg-type]
    stalls.check(now + PATIENCE_S - 1)
    assert not client.given_up
    stalls.watch(client)  # type: ignore[arg-type]  # more was sent: no new patience
    stalls.check(now + PATIENCE_S + 1)
    assert client.given_up


async def test_a_byte_a_second_is_not_reading(stalls: Stalls) -> None:
    client, now = Client(), time.monotonic()
    stalls.watch(client)  # type: ignore[arg-type]
    for second in range(int(PATIENCE_S) + 2):
        client.take(1)
        stalls.check(now + second)
    assert client.given_up


async def test_who_reads_slowly_but_enough_stays(stalls: Stalls) -> None:
    client, now = Client(), time.monotonic()
    stalls.watch(client)  # type: ignore[arg-type]
    for round in range(1, 10):
        client.take(ENOUGH)
        stalls.check(now + round * (PATIENCE_S - 1))
    assert not client.given_up


async def test_who_has_taken_everything_starts_afresh(stalls: Stalls) -> None:
    client, now = Client(), time.monotonic()
    stalls.watch(client)  # type: ignore[arg-type]
    client.buffered_bytes = 0
    stalls.check(now + PATIENCE_S - 1)
    client.buffered_bytes = 10
    stalls.check(now + PATIENCE_S + 1)
    assert not client.given_up


async def test_it_looks_by_itself_while_somebody_is_slow(
    stalls: Stalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(conf.DEFAULTS, "STALLED_AFTER_S", 0.0)
    monkeypatch.setattr("realtime.gateway.stalls._POLL_S", 0.01)
    for _ in range(2):
        client = Client()
        stalls.watch(client)  # type: ignore[arg-type]
        await await_until(lambda client=client: client.given_up, "it is given up")
        stalls.forget(client)  # type: ignore[arg-type]
        await await_until(lambda: stalls._watching is None or stalls._watching.done(), "nobody is watched")
