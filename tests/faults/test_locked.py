"""Somebody holds a lock in the database for long: the rest of the house goes on, and those who wait are told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import psycopg
import pytest

from realtime.testing.client import CallFailed, Client
from tests.faults.crowds import UNPROTECTED, Crowds, stuck_database
from tests.support.crowd import percentile

pytestmark = [pytest.mark.faults, pytest.mark.measures]

HELD_S = 3.0
OTHERS_P99_S = 0.5
TOLD_WITHIN_S = 3.0  # the lock timeout, and a moment
HEALTH_S = 1.0

Outcome = tuple[str, float]


async def test_a_locked_room_delays_no_other_room(crowds: Crowds) -> None:
    if not has_row_locks(crowds):
        pytest.skip("SQLite has one lock for all of it")
    await crowds.have("a")
    elsewhere, told = await talk_while_a_room_is_locked(crowds, "a")
    assert {code for code, _ in elsewhere} == {"stored"}
    assert percentile((seconds for _, seconds in elsewhere), 99) <= OTHERS_P99_S
    code, seconds = told
    assert code == "busy"
    assert seconds <= TOLD_WITHIN_S


async def test_without_skipping_locked_rows_others_would_wait(crowds: Crowds) -> None:
    """The mutation: a batch that waits for every room in it."""
    if not has_row_locks(crowds):
        pytest.skip("SQLite has one lock for all of it")
    await crowds.have(UNPROTECTED)
    elsewhere, _ = await talk_while_a_room_is_locked(crowds, UNPROTECTED)
    assert max(seconds for _, seconds in elsewhere) > OTHERS_P99_S


async def test_the_process_answers_for_itself_while_the_database_is_stuck(crowds: Crowds) -> None:
    pair = crowds.pair
    await crowds.have("a")
    ann = pair.person()
    room = pair.room(ann)
    async with pair.client(ann, "a") as talker:
        with stuck_database(pair.stack.database_url):
            waiting = [asyncio.create_task(outcome(talker, room)) for _ in range(10)]
            for _ in talking_for(2.0):
                began = time.monotonic()
                status, _ = await pair.http("GET", "/healthz", name="a")
                assert status == 200
                assert time.monotonic() - began <= HEALTH_S
                await ping(talker)
                assert time.monotonic() - began <= 2 * HEALTH_S
        assert {code for code, _ in await asyncio.gather(*waiting)} <= {"stored", "unavailable", "timeout"}
        assert (await outcome(talker, room))[0] == "stored"


def has_row_locks(crowds: Crowds) -> bool:
    return not crowds.pair.stack.database_url.startswith("sqlite")


async def talk_while_a_room_is_locked(crowds: Crowds, name: str) -> tuple[list[Outcome], Outcome]:
    """What became of messages to another room, and of the one to the locked room, which works again afterwards."""
    pair = crowds.pair
    ann, bob = pair.person(), pair.person()
    locked, free = pair.room(ann, bob), pair.room(ann, bob)
    async with pair.client(ann, name) as stuck, pair.client(bob, name) as talker:
        assert (await outcome(talker, free))[0] == "stored"
        with psycopg.connect(pair.stack.database_url) as holder:
            holder.execute("SELECT 1 FROM chat_room WHERE id = %s FOR UPDATE", [locked])
            waiting = asyncio.create_task(outcome(stuck, locked))
            elsewhere = []
            for _ in talking_for(HELD_S):
                elsewhere.append(await outcome(talker, free))
                await asyncio.sleep(0.01)
            told = await waiting
            holder.rollback()
        slowest = max(seconds for _, seconds in elsewhere)
        print(
            f"{len(elsewhere)} messages elsewhere in {slowest * 1000:.0f} ms at most; {told} in the locked room"
        )
        assert (await outcome(stuck, locked))[0] == "stored"
    return elsewhere, told


def talking_for(seconds: float) -> Iterator[None]:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        yield


async def outcome(client: Client, room: int) -> Outcome:
    """What becomes of a message: `stored` or the code of its error, and after how long."""
    began = time.monotonic()
    try:
        await client.call("chat.message_send", room=room, text="is it locked?")
    except CallFailed as error:
        return error.code, time.monotonic() - began
    return "stored", time.monotonic() - began


async def ping(client: Client) -> None:
    number = time.monotonic_ns() % 10**9
    await client.send_frame({"type": "ping", "id": number})
    await client.until(lambda: any(one["type"] == "pong" and one["id"] == number for one in client.frames))
