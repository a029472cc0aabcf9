"""Runs every part of the tests, one after the other, and closes with a line per part.

`python tools/test.py [PART...]`; without names, all of them. A part that fails does not stop the next one; the exit
status says whether all passed. Standard library only.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
POSTGRES = {"DATABASE": "postgres"}
NO_TESTS_COLLECTED = 5


@dataclass(frozen=True)
class Part:
    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


# Tests whose parts use no database, or always the same one: once is enough.
WITHOUT_DATABASE = (
    "tests/integration/test_layer_contract.py",
    "tests/integration/test_server.py",
    "tests/integration/test_services.py",
    "tests/integration/test_setup.py",
    "tests/integration/test_supervisor.py",
    "tests/unit/realtime/supervisor",
    "tests/unit/tools",
)


def pytest(*words: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", "--durations=5", *words]


PARTS = [
    Part("typescript", [sys.executable, "tools/frontend.py", "test"]),
    Part("sqlite", pytest("tests/unit", "tests/integration", "tests/architecture")),
    Part(
        "postgres",
        pytest("tests/unit", "tests/integration", *(f"--ignore={path}" for path in WITHOUT_DATABASE)),
        POSTGRES,
    ),
    Part("browser", pytest("tests/e2e", "--timeout=240")),
    Part("faults-sqlite", pytest("tests/faults")),
    Part("faults-postgres", pytest("tests/faults"), POSTGRES),
]


def run(part: Part) -> tuple[str, float]:
    """The verdict and the seconds it took."""
    print(f"\n==> {part.name}: {' '.join(part.command[1:])}", flush=True)
    began = time.monotonic()
    status = subprocess.run(
        part.command,
        cwd=BASE,
        env={**os.environ, **part.environment},
        stdin=subprocess.DEVNULL,
        check=False,
    ).returncode
    verdict = {0: "passed", NO_TESTS_COLLECTED: "FAILED (no tests)"}.get(status, f"FAILED ({status})")
    return verdict, time.monotonic() - began


def main(names: list[str]) -> int:
    unknown = set(names) - {part.name for part in PARTS}
    if unknown:
        sys.exit(f"Unknown: {', '.join(sorted(unknown))}. Parts: {', '.join(part.name for part in PARTS)}.")
    results = [(part, *run(part)) for part in PARTS if not names or part.name in names]
    total_s = sum(seconds for _, _, seconds in results)
    print("\n==> summary")
    for part, verdict, seconds in results:
        print(f"{part.name:<18}{seconds:7.1f} s  {verdict}")
    failed = [part.name for part, verdict, _ in results if verdict != "passed"]
    print(
        f"{'all':<18}{total_s:7.1f} s  {'FAILED: ' + ', '.join(failed) if failed else 'passed'}", flush=True
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
