"""What clients confirm: of the events that a socket passed, those that were asked for are told, with whose they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from django.db import OperationalError

from realtime import DeliveryReceipt, database, publish_many, receipts, receipts_for
from realtime.gateway import receipts as gateway
from realtime.gateway.receipts import LOOK_BACK_EVENTS, Passed, Receipts, tell
from realtime.hub import Hub
from realtime.testing.waiting import await_until
from tests.support.log_world import Happened

STREAM = "testing:receipts"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[tuple[int, list[int]]]:
    """What was told: the number of the event, and the users."""
    settings.REALTIME = {**settings.REALTIME, "RECEIPTS_INTERVAL_S": 0.01}
    monkeypatch.setattr(receipts, "_asked", {})
    found: list[tuple[int, list[int]]] = []

    @receipts_for(Happened)
    def note(given: Sequence[DeliveryReceipt]) -> None:
        found.extend((one.event.number, sorted(one.user_ids)) for one in given)

    return found


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    hub = Hub(asyncio.get_running_loop())
    await hub.started()
    yield hub
    await hub.stop()


class Following:
    """A subscription, as far as receipts know it."""

    def __init__(self, stream: Any, cursor: int) -> None:
        self.stream, self.confirmed = stream, max(0, cursor - LOOK_BACK_EVENTS)


def happen(count: int) -> None:
    publish_many((STREAM, Happened(number)) for number in range(1, count + 1))


async def test_each_event_is_told_with_those_who_passed_it(told: list[Any]) -> None:
    await database.run(happen, 4)
    await database.run(
        tell, [Passed(7, STREAM, 0, 2), Passed(8, STREAM, 1, 4), Passed(9, "testing:other", 0, 9)]
    )
    assert told == [(1, [7]), (2, [7, 8]), (3, [8]), (4, [8])]


async def test_what_a_socket_confirms_is_told_once_and_never_beyond_the_head(
    hub: Hub, told: list[Any]
) -> None:
    await database.run(happen, 3)
    stream = (await hub.open([STREAM]))[STREAM]
    await await_until(lambda: stream.head == 3, "the stream stands at its head", timeout_s=10)
    receipts_here, one, other = Receipts(hub), Following(stream, 0), Following(stream, 0)
    receipts_here.confirmed(7, one, 1)  # type: ignore[arg-type]
    receipts_here.confirmed(7, one, 2)  # type: ignore[arg-type]
    receipts_here.confirmed(8, other, 10**9)  # type: ignore[arg-type]
    await await_until(lambda: len(told) >= 3, "it is told", timeout_s=10)
    assert told == [(1, [7, 8]), (2, [7, 8]), (3, [8])]
    assert (one.confirmed, other.confirmed) == (2, 3)
    receipts_here.confirmed(7, one, 2)  # type: ignore[arg-type]
    receipts_here.confirmed(8, other, 3)  # type: ignore[arg-type]
    assert receipts_here._passed == {}


async def test_events_that_nobody_asked_for_cost_no_look_into_the_log(
    hub: Hub, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = (await hub.open([STREAM]))[STREAM]
    await database.run(happen, 2)
    await await_until(lambda: len(stream.recent) == 2, "they are in memory", timeout_s=10)
    monkeypatch.setattr(receipts, "_asked", {})
    receipts_here = Receipts(hub)
    receipts_here.confirmed(7, Following(stream, 0), 2)  # type: ignore[arg-type]
    assert receipts_here._passed == {}


async def test_a_database_that_is_away_is_asked_again(
    hub: Hub, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.run(happen, 1)
    stream = (await hub.open([STREAM]))[STREAM]
    await await_until(lambda: stream.head == 1, "the stream stands at its head", timeout_s=10)
    failures = [OperationalError("away"), OperationalError("still away")]

    def failing(passed: Any) -> None:
        if failures:
            raise failures.pop()
        tell(passed)

    monkeypatch.setattr(gateway, "tell", failing)
    Receipts(hub).confirmed(7, Following(stream, 0), 1)  # type: ignore[arg-type]
    await await_until(lambda: told == [(1, [7])], "it is told in the end", timeout_s=10)


def test_two_functions_cannot_ask_for_the_same_event(told: list[Any]) -> None:
    with pytest.raises(ValueError, match="asked for twice"):
        receipts_for(Happened)(lambda given: None)
