"""One town for all fault tests, and a seed that is printed and can be given: FAULTS_SEED."""

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest

from realtime.testing.nemesis import seed_of_this_run
from realtime.testing.proxy import Network
from realtime.testing.stack import BASE, Databases
from realtime.testing.topology import Topology, running_topology
from tests.faults.crowds import UNBOUNDED, Crowds
from tests.faults.town import Scene, Town, scene
from tests.support.pair import running_pair
from tests.support.services import Services

EVIDENCE = BASE / "var" / "faults"


@pytest.fixture(scope="session")
def seed() -> int:
    return seed_of_this_run()


@pytest.fixture(scope="session")
def _town(databases: Databases, services: Services) -> Iterator[Town]:
    directory = Path(tempfile.mkdtemp(prefix="town-", dir=services.directory))
    environment = {"DJANGO_SETTINGS_MODULE": "tests.faults.settings"}
    with Network() as network:
        topology = Topology(
            directory,
            network,
            database_url=databases.fresh(),
            postgres=services.postgres,
            environment=environment,
        )
        with running_topology(topology):
            yield Town(topology)


@pytest.fixture
def town(_town: Town) -> Town:
    """The town; opening a scene in it brings back whatever an earlier test killed or tampered with."""
    _town.begin()
    return _town


@pytest.fixture
def new_scene(
    town: Town, seed: int, request: pytest.FixtureRequest
) -> Callable[..., AbstractAsyncContextManager[Scene]]:
    print(f"FAULTS_SEED={seed}")
    return partial(scene, town, seed, EVIDENCE / f"{request.node.name}-{seed}.jsonl")


@pytest.fixture(scope="session")
def _crowds(databases: Databases, services: Services) -> Iterator[Crowds]:
    directory = Path(tempfile.mkdtemp(prefix="crowd-", dir=services.directory))
    environment = {"DJANGO_SETTINGS_MODULE": "tests.faults.settings", **UNBOUNDED}
    with running_pair(directory, database_url=databases.fresh(), environment=environment) as pair:
        yield Crowds(pair)


@pytest.fixture
async def crowds(_crowds: Crowds) -> AsyncIterator[Crowds]:
    """The installation for crowds. Each test says first how it wants its processes."""
    yield _crowds
    await _crowds.leave()
