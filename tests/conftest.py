"""The start of every test run: private services first, then Django's settings, then the tests."""

import inspect
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
import pytest_django
from django.conf import settings
from django.db import connection

from realtime.testing.stack import Databases, Stack, running_stack
from tests.support.emptying import empty_quickly
from tests.support.services import Services

# At import, because settings read REDIS_URL and DATABASE_URL once, when Django loads them.
_services = Services()
_services.start()
django.setup()
empty_quickly()
# Each test client would look for all static files first: more than half of a request's time.
settings.SERVESTATIC_USE_FINDERS = settings.SERVESTATIC_USE_STATIC_ROOT = False
# Redis may answer late on a machine that runs several lanes of tests; what its silence means has tests of its own.
settings.CHANNEL_LAYERS["default"]["CONFIG"]["publish_timeout_s"] = 5.0


def pytest_unconfigure() -> None:
    _services.stop()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Async tests write from other threads: inside a test's own transaction those would wait or leak.
    # Fault tests have installations of their own and leave this process' database alone.
    for item in items:
        if item.get_closest_marker("faults"):
            continue
        if inspect.iscoroutinefunction(getattr(item, "function", None)):
            item.add_marker(pytest.mark.django_db(transaction=True))
    if connection.vendor == "postgresql":
        # They passed with SQLite, and learn nothing from another database.
        skipped = [item for item in items if _is_unit(item) and not _asks_the_database(item)]
        config.hook.pytest_deselected(items=skipped)
        left = set(skipped)
        items[:] = [item for item in items if item not in left]


def pytest_runtest_setup(item: pytest.Item) -> None:
    if "SECOND_TRY" in os.environ and item.get_closest_marker("chance"):
        pytest.fail("It may pass by chance: what it found the first time stands.")


def _is_unit(item: pytest.Item) -> bool:
    return Path(__file__).parent / "unit" in item.path.parents


def _asks_the_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(
        fixtures & {"db", "transactional_db", "databases"}
    )


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[None]:
    """Threads beside the loop keep their connections, and PostgreSQL drops no database that somebody has open."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session")
def services() -> Services:
    """The run's private redis and PostgreSQL (None on SQLite). A test that kills one must start it again."""
    return _services


@pytest.fixture(autouse=True)
def _empty_redis() -> Iterator[None]:
    yield
    _services.redis.command("FLUSHALL")


@pytest.fixture(scope="session")
def databases() -> Databases:
    """Makes fresh migrated databases for installations of their own, on what this run tests."""
    url = os.environ["DATABASE_URL"]
    server = None if not url or url.startswith("sqlite") else url
    return Databases(_services.directory / "databases", server)


@pytest.fixture
def stack(databases: Databases) -> Iterator[Stack]:
    """An installation of its own with redis up and an empty database; the test starts the rest."""
    directory = Path(tempfile.mkdtemp(prefix="stack-", dir=_services.directory))
    with running_stack(directory, database_url=databases.fresh()) as stack:
        yield stack
