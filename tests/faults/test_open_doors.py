"""The leak test sees each check that is taken away: its doors, and no others, let somebody in from outside."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from realtime.testing.stack import Databases
from tests.faults.open_doors import SWITCHES, switch_of
from tests.faults.sabotage import VARIABLE
from tests.support.leak_doors import DOORS, begin, try_door, try_inbox_after_edits, try_to_get_in
from tests.support.leaks import World
from tests.support.pair import Pair, running_pair
from tests.support.services import Services

pytestmark = [pytest.mark.faults, pytest.mark.slow]

# Without these, what happens next is another story (somebody is in the room, others read what was said there, no file
# is attached): each is taken away alone.
ALONE = ("inviting", "joining", "forwarding", "links", "membership_of_author", "uploader")
# Where comes what somebody got by another door, and the door of whoever happens to come back.
CONSEQUENCES = {"socket", "snapshot", "returning"}
TRIES = 80


@pytest.fixture
def pair(request: pytest.FixtureRequest, databases: Databases, services: Services) -> Iterator[Pair]:
    """An installation without what the parameter names, as FAULTS_WITHOUT has it."""
    environment = {"DJANGO_SETTINGS_MODULE": "tests.faults.settings", VARIABLE: " ".join(request.param)}
    directory = Path(tempfile.mkdtemp(prefix="open-", dir=services.directory))
    with running_pair(directory, database_url=databases.fresh(), environment=environment) as pair:
        yield pair


def opened_by(*names: str) -> set[str]:
    return {door for name in names for door in SWITCHES[name].doors}


def taken_away(names: Sequence[str], tried: Sequence[str], id: str) -> Any:
    """Without these checks, only their doors are open among those that are tried."""
    return pytest.param([switch_of(name) for name in names], opened_by(*names), tried, id=id)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("pair", "opened", "tried"),
    [
        taken_away([name for name in SWITCHES if name not in ALONE], DOORS, "others"),
        *(taken_away([name], sorted(opened_by(name)), name) for name in ALONE),
    ],
    indirect=["pair"],
)
async def test_what_a_missing_check_lets_out_is_seen(pair: Pair, opened: set[str], tried: list[str]) -> None:
    world = await asyncio.to_thread(World, pair, 1)
    try:
        await begin(world)
        await world.round()
        for room in world.rooms.values():  # whoever has most to come back to
            if (author := room.shared[-1]["author"]) in world.members(room.id):
                await world.leaves(author, room)
        await try_inbox_after_edits(world)
        await world.switches_off(partial(try_to_get_in, world))
        for _ in range(TRIES):
            for door in tried:
                if door not in _doors_of(world):
                    await try_door(world, door)
    finally:
        await world.close()
    assert _doors_of(world) - CONSEQUENCES == opened, world.found()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("pair", [["revocation"]], indirect=True)
async def test_a_socket_that_keeps_what_was_taken_from_it_is_seen(pair: Pair) -> None:
    world = await asyncio.to_thread(World, pair, 1)
    try:
        await begin(world)
        for listener in world.listeners.values():
            listener.timeout_s = 2.0
        for _ in range(3):
            with suppress(TimeoutError):  # nobody is told that a stream is theirs no longer
                await world.round()
    finally:
        await world.close()
    assert _doors_of(world) == {"socket"}


def _doors_of(world: World) -> set[str]:
    return {leak.partition(":")[0] for leak in world.found()}
