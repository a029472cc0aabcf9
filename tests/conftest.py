"""The start of every test run: private services first, then Django's settings, then the tests."""

import inspect
from collections.abc import Iterator

import django
import pytest

from tests.support.services import Services

# At import, because settings read REDIS_URL and DATABASE_URL once, when Django loads them.
_services = Services()
_services.start()
django.setup()


def pytest_unconfigure() -> None:
    _services.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Async tests write from other threads: inside a test's own transaction those would wait or leak.
    for item in items:
        if inspect.iscoroutinefunction(getattr(item, "function", None)):
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def services() -> Services:
    """The run's private redis and PostgreSQL (None on SQLite). A test that kills one must start it again."""
    return _services


@pytest.fixture(autouse=True)
def _empty_redis() -> Iterator[None]:
    yield
    _services.redis.command("FLUSHALL")
