"""Database and Redis as the tests themselves have them: what is well is said to be so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest
from django.utils import timezone

from realtime.doctor import Finding, Site, storage

pytestmark = pytest.mark.django_db

SITE = Site("http://localhost:8000", "http://localhost:8000")


@pytest.mark.parametrize("examination", [storage.database, storage.redis_server, storage.clocks])
def test_what_is_well_is_said_to_be_so(examination: Callable[[Site], Iterable[Finding]]) -> None:
    found = list(examination(SITE))
    assert found
    assert {one.level for one in found} == {"ok"}, found


@pytest.mark.parametrize(("ahead_s", "said"), [(60, "behind"), (-60, "ahead of")])
def test_a_database_whose_clock_differs(monkeypatch: pytest.MonkeyPatch, ahead_s: int, said: str) -> None:
    monkeypatch.setattr(storage, "database_now", lambda: timezone.now() + timedelta(seconds=ahead_s))
    (found,) = storage.clocks(SITE)
    assert found.level == "wrong"
    assert f"60 s {said} that of the database" in found.text
