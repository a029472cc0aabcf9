"""Everybody comes back at once: a process dies, its sockets return in one storm, and each gets what it missed."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import time
from collections import Counter
from dataclasses import dataclass
from itertools import repeat

import pytest

from realtime.testing.waiting import await_until
from tests.faults.crowds import UNPROTECTED, Crowds
from tests.faults.town import mutation
from tests.support.crowd import Listener, percentile
from tests.support.pair import Person

pytestmark = [pytest.mark.faults, pytest.mark.measures]

SOCKETS = 2_000 * int(os.environ.get("FAULTS_SCALE", "1"))
ROOMS = 4
MISSED = 20
BACK_WITHIN_S = 30.0
FAILED_HANDSHAKES = 0.01
QUERIES_PER_RETURN = 3
QUERIES_PER_S = 10  # of two processes, by themselves
# As the client library has them.
FIRST_BACKOFF_S = 0.25
MAX_BACKOFF_S = 20.0


@dataclass
class Place:
    """Where one socket stands: whose it is, what it follows, and the last event that it saw."""

    token: str
    stream: str
    cursor: dict[str, object]


@dataclass
class Storm:
    """How the sockets came back."""

    back: list[Listener]
    seconds: list[float]
    attempts: int
    failures: Counter[str]  # by what was said


async def test_a_storm_of_returns_is_quick_cheap_and_loses_nothing(crowds: Crowds) -> None:
    await crowds.have("a", "b")
    places, heads = await dropped(crowds, "a", SOCKETS)
    await crowds.have("a")
    queries = {name: await crowds.metric(name, "faults_queries_total") for name in "ab"}
    began = time.monotonic()
    storm = await returned(crowds, places, ["a", "b"])
    await caught_up(storm, places, heads)
    took = [await crowds.metric(name, "faults_queries_total") - queries[name] for name in "ab"]
    print(
        f"{SOCKETS} back: p50 {percentile(storm.seconds, 50):.1f} s, last {max(storm.seconds):.1f} s; "
        f"{storm.failures.total()} of {storm.attempts} handshakes failed; {sum(took) / SOCKETS:.2f} queries each"
    )
    assert max(storm.seconds) <= BACK_WITHIN_S
    assert storm.failures.total() <= FAILED_HANDSHAKES * storm.attempts, storm.failures
    assert sum(took) <= QUERIES_PER_RETURN * SOCKETS + QUERIES_PER_S * (time.monotonic() - began)


@mutation
async def test_without_replay_the_returned_would_miss_events(crowds: Crowds) -> None:
    """The mutation: the same, smaller, at a process that takes a cursor for the head."""
    await crowds.have(UNPROTECTED, "b")
    places, heads = await dropped(crowds, UNPROTECTED, 50)
    await crowds.have(UNPROTECTED)
    storm = await returned(crowds, places, [UNPROTECTED])
    with pytest.raises(AssertionError, match="everything missed has come"):
        await caught_up(storm, places, heads, within_s=2.0)


async def dropped(crowds: Crowds, name: str, count: int) -> tuple[list[Place], dict[str, int]]:
    """`count` sockets of one process, dropped in one instant by its death; then MISSED events in each room."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    pair = crowds.pair
    people = [pair.person() for _ in range(ROOMS)]
    rooms = [pair.room(person) for person in people]
    gate = asyncio.Semaphore(100)

    async def come(number: int) -> Listener:
        async with gate:
            return await crowds.listen(name, people[number % ROOMS].token, f"room:{rooms[number % ROOMS]}")

    began = time.monotonic()
    sockets = await asyncio.gather(*map(come, range(count)))
    print(f"{count} connected in {time.monotonic() - began:.1f} s")
    pair.stack.kill(name)
    await asyncio.gather(*(one.ended for one in sockets))
    places = []
    for number, one in enumerate(sockets):
        state = one.welcome.result()["streams"][0]
        cursor = {"epoch": state["epoch"], "seq": state["head"]}
        places.append(Place(people[number % ROOMS].token, state["stream"], cursor))
    heads = await asyncio.gather(*map(missed_in, repeat(crowds), people, rooms))
    return places, dict(heads)


async def missed_in(crowds: Crowds, person: Person, room: int) -> tuple[str, int]:
    """MISSED messages in the room, stored while nobody is there; the stream and its head."""
    async with crowds.pair.client(person, "b") as client:
        for number in range(MISSED):
            sent = await client.call("chat.message_send", room=room, text=f"missed {number}")
    return f"room:{room}", sent["seq"]


async def returned(crowds: Crowds, places: list[Place], names: list[str]) -> Storm:
    """All come back in one instant, as the client library does: at once at any process, then with full jitter."""
    storm = Storm([], [], 0, Counter())
    began = time.monotonic()

    async def come_back(place: Place) -> Listener:
        bound_s = FIRST_BACKOFF_S
        while True:
            await asyncio.sleep(random.uniform(0, bound_s))
            storm.attempts += 1
            try:
                back = await crowds.listen(random.choice(names), place.token, place.stream, **place.cursor)
            except (OSError, TimeoutError) as error:
                storm.failures[repr(error)] += 1
                bound_s = min(2 * bound_s, MAX_BACKOFF_S)
                continue
            storm.seconds.append(time.monotonic() - began)
            return back

    async with asyncio.timeout(2 * BACK_WITHIN_S):
        storm.back = await asyncio.gather(*map(come_back, places))
    return storm


async def caught_up(
    storm: Storm, places: list[Place], heads: dict[str, int], *, within_s: float = 10.0
) -> None:
    """Each has exactly what it missed."""
    both = list(zip(storm.back, places, strict=True))
    await await_until(
        lambda: all(back.last >= heads[place.stream] for back, place in both),
        "everything missed has come",
        timeout_s=within_s,
    )
    for back, place in both:
        assert back.seqs == list(range(int(str(place.cursor["seq"])) + 1, heads[place.stream] + 1))
