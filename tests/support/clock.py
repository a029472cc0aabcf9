"""The clock of the app, put forward instead of waited for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> datetime:
    """The clock of the app stands at so much from its present moment: the moment it then shows."""
    moment = timezone.now() + by
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    return moment
