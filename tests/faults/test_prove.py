"""`manage.py prove`, as users run it: a private installation under a seeded plan of faults, and its verdict."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from realtime.testing.stack import MANAGE

pytestmark = pytest.mark.faults

# The CI figure; `make faults` multiplies it.
SCALE = int(os.environ.get("FAULTS_SCALE", "1"))
MINUTES = 0.7
MESSAGES = 5_000
PER_SECOND = 130
EVERYWHERE = {
    "kill-web": 10,
    "kill-worker": 3,
    "kill-beat": 2,
    "pause-web": 1,
    "redis-empty": 2,
    "redis-kill": 1,
    "redis-pause": 1,
    "redis-half-open": 1,
    "redis-cut": 1,
    "redis-unsubscribe": 2,
    "redis-full": 1,
    "client-cut": 2,
}
ON = {
    "sqlite": {"sqlite-lock": 2},
    "postgres": {"postgres-restart": 1, "postgres-crash": 1, "postgres-terminate": 1},
}
# Of a machine that does nothing else, as `make faults` has it; in `make test` other tests run beside it.
RECONNECT_P95_S = 3.0 if SCALE > 1 else 8.0
TIMEOUT_S = 240 * SCALE


@pytest.mark.slow
@pytest.mark.timeout(TIMEOUT_S + 30)
def test_five_thousand_messages_under_faults_of_every_kind_break_no_invariant(
    services, seed, tmp_path
) -> None:
    database = "sqlite" if services.postgres is None else "postgres"
    faults = {kind: count * SCALE for kind, count in (EVERYWHERE | ON[database]).items()}
    options = {
        "minutes": MINUTES * SCALE,
        "messages": MESSAGES * SCALE,
        "rate": PER_SECOND,
        "faults": ",".join(f"{kind}={count}" for kind, count in faults.items()),
        "seed": seed,
        "database": database,
    }
    report = prove(tmp_path, options)
    assert report["acknowledged"] >= MESSAGES * SCALE
    assert report["faults"] == faults
    assert report["reconnect_s"]["p95"] <= RECONNECT_P95_S
    assert not any(report["violations"].values())


def test_a_visit_judges_a_deployment_by_what_its_clients_saw(town, tmp_path) -> None:
    numbers = ("--people", "4", "--rooms", "2", "--members", "3")
    cast = tmp_path / "cast.json"
    cast.write_text(town.topology.stack.manage("cast", "--name", "visitor", *numbers))
    report = prove(
        tmp_path, {"url": town.topology.socket_url("a"), "cast": cast, "minutes": 0.05, "rate": 20}
    )
    assert report["acknowledged"] > 10
    assert not any(report["violations"].values())


def prove(folder: Path, options: dict[str, object]) -> dict:
    """Runs the command; what it reported. Fails with its output where it found something."""
    words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
    done = subprocess.run(
        [*MANAGE, "prove", "--report", str(folder / "report.json"), *words],
        env={**os.environ, "TESTING": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    sys.stdout.write(done.stdout[-20_000:])
    assert done.returncode == 0, done.stdout[-3000:]
    return json.loads((folder / "report.json").read_bytes())
