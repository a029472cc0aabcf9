"""docs/limits.md says what the code says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from realtime import conf

BASE = Path(__file__).resolve().parents[3]
PAGE = BASE / "docs" / "limits.md"
ROW = re.compile(r"^\| [^|]+ \| ([\d,]+)[^|]* \| `([\w.]+)` \|", re.MULTILINE)
ROWS = [(name, int(number.replace(",", ""))) for number, name in ROW.findall(PAGE.read_text())]
# Bounds of a client or a process that need no row: they shape how it works, not what it may do.
NOT_LIMITS = {
    "GAP_WAIT_MS",
    "HEAL_INTERVAL_S",
    "HEAL_WINDOW_S",
    "FULL_CHECK_INTERVAL_S",
    "RETENTION_DAYS",
    "RETENTION_MIN_EVENTS",
    "PRESENCE_COALESCE_MS",
    "PRESENCE_LEASE_S",
    "DRAIN_BATCH_PERCENT",
    "WRITE_SHARING_MS",
    "AUTHENTICATION",
    "ORIGINS",
}


@pytest.mark.parametrize(("name", "number"), ROWS)
def test_a_documented_limit_is_the_one_in_the_code(name: str, number: int) -> None:
    assert limit(name) == number


def test_every_limit_is_documented() -> None:
    assert conf.DEFAULTS.keys() - {name for name, _ in ROWS} == NOT_LIMITS


def limit(name: str) -> Any:
    if "." not in name:
        value = conf.DEFAULTS[name]
        return max(value.values()) if isinstance(value, dict) else value
    module, _, constant = name.rpartition(".")
    # Read, not imported: the server's modules install a reactor.
    source = (BASE / module.replace(".", "/")).with_suffix(".py").read_text()
    found = re.search(rf"^{constant} = ([\d_.]+)", source, re.MULTILINE)
    assert found is not None, f"{name} is not there"
    return float(found[1])
