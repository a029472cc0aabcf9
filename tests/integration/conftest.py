"""Installations that integration tests share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime.testing.stack import Databases
from tests.support.pair import Pair, running_pair
from tests.support.services import Services

# Short where a test waits for the bound itself; rights and histories do not depend on them.
_SHARED = {"REALTIME_HELLO_TIMEOUT_S": "3", "REALTIME_RECHECK_INTERVAL_S": "3"}


@pytest.fixture(scope="session")
def shared_pair(databases: Databases, services: Services) -> Iterator[Pair]:
    directory = Path(tempfile.mkdtemp(prefix="pair-", dir=services.directory))
    with running_pair(directory, database_url=databases.fresh(), environment=_SHARED) as pair:
        yield pair


@pytest.fixture
def pair(shared_pair: Pair) -> Iterator[Pair]:
    """Processes `a` and `b`, alive before and after the test."""
    yield shared_pair
    assert shared_pair.alive(), shared_pair.stack.logs()


@pytest.fixture(scope="session")
def shared_fragile_pair(databases: Databases, services: Services) -> Iterator[Pair]:
    directory = Path(tempfile.mkdtemp(prefix="own-", dir=services.directory))
    with running_pair(directory, database_url=databases.fresh()) as pair:
        yield pair


@pytest.fixture
def fragile_pair(shared_fragile_pair: Pair) -> Iterator[Pair]:
    """A pair whose redis and processes a test may kill. It leaves them running, or the next test is told."""
    yield shared_fragile_pair
    assert shared_fragile_pair.alive(), shared_fragile_pair.stack.logs()
    assert shared_fragile_pair.stack.redis.command("PING") == "+PONG"
