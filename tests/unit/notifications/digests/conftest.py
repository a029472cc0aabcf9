"""The test channels as at the start, and no worker beside the tests."""

from __future__ import annotations

import pytest

from notifications import notify as door
from tests.support import notification_types  # noqa: F401  (registers them)
from tests.support.recorder import recorder


@pytest.fixture(autouse=True)
def letters(monkeypatch):
    monkeypatch.setattr(door, "nudge", lambda: None)
    return recorder("letters")
