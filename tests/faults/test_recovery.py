"""Away for one event or for many, and back while more arrive: pages from the log, live events, and no seam between."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from realtime.testing.waiting import await_until
from tests.faults.crowds import UNPROTECTED, Crowds
from tests.faults.town import mutation
from tests.support.crowd import Listener

pytestmark = pytest.mark.faults

SCALE = int(os.environ.get("FAULTS_SCALE", "1"))
MISSED = [1, 500] if SCALE == 1 else [1, 500, 50_000]
RETURNS = 25 * SCALE
PATIENT = 10  # of those who missed the most: each is sent all of it
EVENTS_PER_S = 50
BACK_WITHIN_S = 60.0
FILL = """
from uuid import uuid4
from accounts.models import User
from chat.sending import Send, message_send_many
author = User.objects.get(pk=author)
for start in range(0, count, 200):
    message_send_many(
        [Send(author, room, f"missed {n}", uuid4().hex) for n in range(start, min(count, start + 200))])
result = count
"""


@pytest.mark.parametrize("missed", MISSED)
async def test_whoever_returns_gets_every_event_once_while_more_arrive(crowds: Crowds, missed: int) -> None:
    await crowds.have("a")
    await returns_whole(crowds, "a", missed)


@mutation
async def test_going_live_before_the_last_page_would_leave_a_hole(crowds: Crowds) -> None:
    """The mutation: a socket goes live at once, wherever its cursor stands."""
    await crowds.have(UNPROTECTED)
    with pytest.raises(AssertionError, match="without a hole"):
        await returns_whole(crowds, UNPROTECTED, 500)


async def returns_whole(crowds: Crowds, name: str, missed: int) -> None:
    """Many sockets, from the cursor of before the absence, one after the other while people talk."""
    returns = RETURNS if missed < max(MISSED) or SCALE == 1 else PATIENT
    pair = crowds.pair
    ann, bob = pair.person(), pair.person()
    room = pair.room(ann, bob)
    stream = f"room:{room}"
    first = await crowds.listen(name, bob.token, stream)
    state = first.welcome.result()["streams"][0]
    cursor = {"epoch": state["epoch"], "seq": state["head"]}
    first.drop()
    await asyncio.to_thread(pair.backstage.run, FILL, author=ann.id, room=room, count=missed)
    pages = await replayed(crowds, name)
    talker = await crowds.listen(name, ann.token, f"user:{ann.id}")
    talking = asyncio.create_task(talk(talker, room))
    began = time.monotonic()
    try:
        back = []
        for _ in range(returns):
            back.append(await crowds.listen(name, bob.token, stream, **cursor))
            await asyncio.sleep(1 / EVENTS_PER_S)
        live_from = last_of(talker) + 10
        await await_until(lambda: last_of(talker) >= live_from, "all of them hear something live")
    finally:
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
    await await_until(
        lambda: all(one.last >= last_of(talker) for one in back),
        "all are at the head",
        timeout_s=BACK_WITHIN_S,
    )
    took_s = time.monotonic() - began
    for one in back:
        assert one.welcome.result()["streams"][0]["recovered"] is True
        assert one.seqs == list(range(cursor["seq"] + 1, one.seqs[-1] + 1)), "without a hole"
    print(
        f"{returns} returned over {missed} missed in {took_s:.1f} s; {await replayed(crowds, name) - pages:g} replayed"
    )
    assert took_s <= BACK_WITHIN_S


async def talk(talker: Listener, room: int) -> None:
    number = 10
    while True:
        arguments = {"room": room, "text": "meanwhile", "client_id": f"{room}-{number}"}
        talker.send(type="call", id=number, name="chat.message_send", args=arguments)
        number += 1
        await asyncio.sleep(1 / EVENTS_PER_S)


def last_of(talker: Listener) -> int:
    """The last event that was acknowledged."""
    return max((frame["result"]["seq"] for frame in talker.frames if frame["type"] == "reply"), default=0)


async def replayed(crowds: Crowds, name: str) -> float:
    return await crowds.metric(name, 'carillon_events_replayed_total{source="log"}')
