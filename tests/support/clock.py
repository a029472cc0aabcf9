"""The clock of the app, put forward instead of waited for; and what something costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> datetime:
    """The clock of the app stands at so much from its present moment: the moment it then shows."""
    moment = timezone.now() + by
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    return moment


def cpu_s(function: Callable[[], object]) -> float:
    """What a call costs this thread, in seconds: the least of three, since garbage may be collected within one."""

    def once() -> float:
        began = time.thread_time()
        function()
        return time.thread_time() - began

    return min(once() for _ in range(3))
