"""docs/limits.md says what the code says."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import pytest
from django.conf import settings

from realtime import conf

BASE = Path(__file__).resolve().parents[3]
PAGE = BASE / "docs" / "limits.md"
ROW = re.compile(r"^\| [^|]+ \| ([\d,]+)[^|]* \| `([\w.]+)` \|", re.MULTILINE)
ROWS = [(name, int(number.replace(",", ""))) for number, name in ROW.findall(PAGE.read_text())]
# Bounds of a client or a process that need no row: they shape how it works, not what it may do.
NOT_LIMITS = {
    "GAP_WAIT_MS",
    "JOBS_SHOWN",
    "JOB_CLAIM_BATCH",
    "JOB_KEEP_DAYS",
    "JOB_LEASE_S",
    "JOB_MAX_ATTEMPTS",
    "JOB_PROGRESS_INTERVAL_S",
    "JOB_SLICE_S",
    "HEAL_INTERVAL_S",
    "HEAL_WINDOW_S",
    "FULL_CHECK_INTERVAL_S",
    "RETENTION_DAYS",
    "RETENTION_MIN_EVENTS",
    "PRESENCE_COALESCE_MS",
    "PRESENCE_LEASE_S",
    "PRESENCE_LINGER_S",
    "SEEN_COALESCE_S",
    "RECEIPTS_INTERVAL_S",
    "PRESENCE_COUNT_INTERVAL_S",
    "DRAIN_BATCH_PERCENT",
    "WRITE_SHARING_MS",
    "AUTHENTICATION",
    "ORIGINS",
}


@pytest.mark.parametrize(("name", "number"), ROWS)
def test_a_documented_limit_is_the_one_in_the_code(name: str, number: int) -> None:
    assert number in limits(name)


def test_every_limit_is_documented() -> None:
    assert conf.DEFAULTS.keys() - {name for name, _ in ROWS} == NOT_LIMITS


def limits(name: str) -> Collection[float]:
    """The one there is, or one for each path."""
    if "." not in name:
        value = conf.DEFAULTS[name]
        return settings.REALTIME[name].values() if isinstance(value, dict) else [value]
    module, _, constant = name.rpartition(".")
    # Read, not imported: the server's modules install a reactor.
    source = (BASE / module.replace(".", "/")).with_suffix(".py").read_text()
    found = re.search(rf"^{constant} = ([\d_.]+)", source, re.MULTILINE)
    assert found is not None, f"{name} is not there"
    return [float(found[1])]
