"""The people of these tests."""

import pytest

from accounts.models import User
from tests.support.people import make_user


@pytest.fixture
def ada() -> User:
    return make_user("ada")


@pytest.fixture
def bo() -> User:
    return make_user("bo")


@pytest.fixture
def cy() -> User:
    return make_user("cy")
