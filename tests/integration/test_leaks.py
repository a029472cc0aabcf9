"""Twenty people in rooms that they come into and out of at random, while everything happens in them: not one payload
reaches anybody who is not a member at that moment, over sockets of two servers or by any other way there is.

LEAK_EVENTS says how many events (1,000 unless set; 100,000 for a proof). The seed is printed; LEAK_SEED repeats a run.
The world is in `tests/support/leaks.py`; the ways in are in `tests/support/leak_doors.py`, and whoever makes another
adds it there. That each check is missed is shown by `tests/faults/test_open_doors.py`.
"""

from __future__ import annotations

import asyncio
import os
import random

import pytest

from tests.support.leak_doors import DOORS, live
from tests.support.leaks import World
from tests.support.pair import Pair

EVENTS = int(os.environ.get("LEAK_EVENTS", "1000"))
BURST = min(15 + EVENTS // 1500, 80)  # whoever proves more has more said between two moves
SEED = int(os.environ.get("LEAK_SEED", random.randrange(2**32)))


@pytest.mark.chance
@pytest.mark.timeout(300 + EVENTS // 20)
async def test_nothing_of_a_room_reaches_anybody_who_is_not_in_it(pair: Pair) -> None:
    print(f"LEAK_SEED={SEED} LEAK_EVENTS={EVENTS}")
    world = await asyncio.to_thread(World, pair, SEED, BURST)
    try:
        happened, tried = await live(world, EVENTS)
        await world.everybody_has_all()
    finally:
        print(f"{len(world.found())} leaks", world.found()[:20])
        await world.close()
    heard = sum(listener.heard for listener in world.listeners.values())
    print(
        f"{happened} events, {heard} deliveries, {tried} tries at {len(DOORS)} doors, {len(world.found())} leaks"
    )
    assert world.found() == []
    assert heard > happened
