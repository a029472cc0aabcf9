"""Runs every part of the tests, two side by side where they bear it, and closes with a line per part.

`python tools/test.py [PART...]`; without names, all of them. A part that fails does not stop the next one; the exit
status says whether all passed. Standard library only.
"""

import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile

BASE = Path(__file__).resolve().parent.parent
POSTGRES = {"DATABASE": "postgres"}
NO_TESTS_COLLECTED = 5
PROGRESS_INTERVAL_S = 20.0
MAX_FAILURE_LINES = 40


@dataclass(frozen=True)
class Part:
    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


# Tests whose parts use no database, or always the same one, or whose outcome is decided above it (who may do what,
# what the events make of a snapshot): once is enough.
ON_SQLITE = (
    "tests/integration/test_benchmarks.py",
    "tests/integration/test_chat_golden.py",
    "tests/integration/test_doctor.py",
    "tests/integration/test_layer_contract.py",
    "tests/integration/test_server.py",
    "tests/integration/test_servers.py",
    "tests/integration/test_services.py",
    "tests/integration/test_setup.py",
    "tests/integration/test_supervisor.py",
    "tests/unit/benchmarks",
    "tests/unit/realtime/supervisor",
    "tests/unit/tools",
)
# The same; or what runs on PostgreSQL wherever it runs.
ON_POSTGRES = (
    "tests/integration/test_chat_authorisation.py",
    "tests/integration/test_compose.py",
    "tests/integration/test_workers.py",
)


# A private installation under a plan of faults, for a minute: it mostly waits, and holds nothing to a time.
PROOF = "tests/faults/test_prove.py"


def pytest(*words: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", "--durations=10", *words]


# Stages run one after the other, the lanes of a stage side by side, the parts of a lane one after the other. Tests
# that mostly wait for processes share two cores well; those that measure under faults have the machine alone.
STAGES = [
    [
        [
            Part("typescript", [sys.executable, "tools/frontend.py", "test"]),
            Part(
                "sqlite",
                pytest(
                    "tests/unit",
                    "tests/integration",
                    "tests/architecture",
                    *(f"--ignore={path}" for path in ON_POSTGRES),
                ),
            ),
        ],
        [
            Part(
                "postgres",
                pytest("tests/unit", "tests/integration", *(f"--ignore={path}" for path in ON_SQLITE)),
                POSTGRES,
            ),
        ],
        [
            Part("proof-sqlite", pytest(PROOF)),
            Part("proof-postgres", pytest(PROOF), POSTGRES),
            Part("browser", pytest("tests/e2e", "--timeout=240")),
        ],
    ],
    [
        [Part("faults-sqlite", pytest("tests/faults", "-m", "not measures", f"--ignore={PROOF}"))],
        [
            Part(
                "faults-postgres",
                pytest("tests/faults", "-m", "not measures", f"--ignore={PROOF}"),
                POSTGRES,
            )
        ],
    ],
    [
        [
            Part("measures-sqlite", pytest("tests/faults", "-m", "measures")),
            Part("measures-postgres", pytest("tests/faults", "-m", "measures"), POSTGRES),
        ],
    ],
]


class Run:
    """One part as it runs. Its output goes to a file, and from there to the terminal in one piece."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.verdict = ""
        self.seconds = 0.0
        self._began = time.monotonic()
        self._output = TemporaryFile()  # noqa: SIM115  (lives as long as this run)

    def finish(self) -> None:
        environment = {**os.environ, **self.part.environment}
        # Some machines set it: each of the many processes would then compile the project again.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        status = subprocess.run(
            self.part.command,
            cwd=BASE,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
        self.seconds = time.monotonic() - self._began
        self.verdict = {0: "passed", NO_TESTS_COLLECTED: "FAILED (no tests)"}.get(
            status, f"FAILED ({status})"
        )

    def output(self) -> str:
        return os.pread(self._output.fileno(), os.fstat(self._output.fileno()).st_size, 0).decode(
            errors="replace"
        )

    def failures(self) -> str:
        """What pytest says of each test that failed, as far as that is short."""
        _, found, after = self.output().rpartition("short test summary info")
        return "\n".join(after.splitlines()[1 : MAX_FAILURE_LINES + 1]) if found else ""

    def progress(self) -> str:
        """How long it has run and, where it says so, how far it is."""
        percents = re.findall(r"\[ *(\d+%)\]", self.output())
        return f"{self.part.name} {time.monotonic() - self._began:.0f} s {percents[-1] if percents else ''}".strip()


def run_lane(parts: list[Part], runs: list[Run]) -> None:
    """Runs parts one after the other; each is in `runs` from its start, and printed at its end."""
    for part in parts:
        run = Run(part)
        runs.append(run)
        run.finish()
        print(f"\n==> {part.name}: {' '.join(part.command[1:])}\n{run.output()}", end="", flush=True)


def run_stage(lanes: list[list[Part]]) -> list[Run]:
    """Runs lanes side by side, with a line from time to time that says how far they are."""
    runs: list[Run] = []
    threads = [threading.Thread(target=run_lane, args=(lane, runs)) for lane in lanes]
    for thread in threads:
        thread.start()
    said = time.monotonic()
    while any(thread.is_alive() for thread in threads):
        for thread in threads:
            thread.join(1.0 / len(threads))
        if time.monotonic() - said >= PROGRESS_INTERVAL_S:
            said = time.monotonic()
            print("...", *(run.progress() for run in runs if not run.verdict), sep="  ", flush=True)
    return runs


def main(names: list[str]) -> int:
    known = {part.name for stage in STAGES for lane in stage for part in lane}
    if unknown := set(names) - known:
        sys.exit(f"Unknown: {', '.join(sorted(unknown))}. Parts: {', '.join(sorted(known))}.")
    began = time.monotonic()
    runs: list[Run] = []
    for stage in STAGES:
        wanted = [[part for part in lane if not names or part.name in names] for lane in stage]
        runs += run_stage([lane for lane in wanted if lane])
    print("\n==> summary")
    for run in runs:
        print(f"{run.part.name:<18}{run.seconds:7.1f} s  {run.verdict}")
    failed = [run for run in runs if run.verdict != "passed"]
    for run in failed:
        print(run.failures() or f"{run.part.name}: see its output above")
    verdict = f"FAILED: {', '.join(run.part.name for run in failed)}" if failed else "passed"
    print(f"{'all':<18}{time.monotonic() - began:7.1f} s  {verdict}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
