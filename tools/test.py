"""Runs every part of the tests, two side by side where they bear it, and closes with a line per part.

`python tools/test.py [PART...]`; without names, all of them. A part that fails does not stop the next one; the exit
status says whether all passed. A few tests that fail where others share the machine are run once more without the
others, and those that pass only then are named at the end: each is a defect, of the test or of what it looks at.
Standard library only.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
POSTGRES = {"DATABASE": "postgres"}
NO_TESTS_COLLECTED = 5
TESTS_FAILED = "FAILED (1)"
PROGRESS_INTERVAL_S = 20.0
MAX_FAILURE_LINES = 40
MAX_SECOND_TRIES = 3  # more of one part is no accident
CACHES = BASE / ".cache" / "pytest"


@dataclass(frozen=True)
class Part:
    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    shares: bool = False  # the machine, with tests that take all of it

    @property
    def cache(self) -> Path:
        """Where pytest leaves which tests failed."""
        return CACHES / self.name


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
                shares=True,
            ),
        ],
        [
            Part(
                "postgres",
                pytest("tests/unit", "tests/integration", *(f"--ignore={path}" for path in ON_SQLITE)),
                POSTGRES,
                shares=True,
            ),
        ],
        [
            Part("proof-sqlite", pytest(PROOF)),
            Part("proof-postgres", pytest(PROOF), POSTGRES),
            Part("browser", pytest("tests/e2e", "--timeout=240"), shares=True),
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
    """One part as it runs. Its output goes to a file in CACHES, and from there to the terminal in one piece."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.verdict = ""
        self.seconds = 0.0
        self.unsteady: list[str] = []
        self._began = time.monotonic()
        self._output = CACHES / f"{part.name}.txt"

    def finish(self) -> None:
        environment = {**os.environ, **self.part.environment}
        options = environment.get("PYTEST_ADDOPTS", "")
        environment["PYTEST_ADDOPTS"] = f"{options} -o cache_dir={self.part.cache}"
        # Some machines set it: each of the many processes would then compile the project again.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._output.parent.mkdir(parents=True, exist_ok=True)
        with self._output.open("wb") as output:
            status = subprocess.run(
                self.part.command,
                cwd=BASE,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        self.seconds = time.monotonic() - self._began
        self.verdict = {0: "passed", NO_TESTS_COLLECTED: "FAILED (no tests)"}.get(
            status, f"FAILED ({status})"
        )

    def output(self) -> str:
        return self._output.read_text(errors="replace") if self._output.exists() else ""

    def failures(self) -> str:
        """What pytest says of each test that failed, as far as that is short."""
        _, found, after = self.output().rpartition("short test summary info")
        return "\n".join(after.splitlines()[1 : MAX_FAILURE_LINES + 1]) if found else ""

    def failed_tests(self) -> list[str]:
        """Their names, for pytest; none where something else than a test failed."""
        try:
            return list(json.loads((self.part.cache / "v" / "cache" / "lastfailed").read_text()))
        except FileNotFoundError:
            return []

    def try_again(self) -> None:
        """Runs the few tests that failed once more, alone. Passes when all of them do, and remembers them."""
        tests = self.failed_tests()
        if not 0 < len(tests) <= MAX_SECOND_TRIES:
            return
        cache = ("-o", f"cache_dir={self.part.cache}")
        again = Run(
            Part(
                f"{self.part.name}-again",
                [*self.part.command, "--last-failed", "--last-failed-no-failures=none", *cache],
                {**self.part.environment, "SECOND_TRY": "1"},
            )
        )
        again.finish()
        again.show()
        if again.verdict == "passed":
            self.verdict, self.unsteady = "passed", tests

    def show(self) -> None:
        command = " ".join(self.part.command[1:])
        print(f"\n==> {self.part.name}: {command}\n{self.output()}", end="", flush=True)

    def progress(self) -> str:
        """How long it has run and, where it says so, how far it is."""
        percents = re.findall(r"\[ *(\d+%)\]", self.output())
        return f"{self.part.name} {time.monotonic() - self._began:.0f} s {percents[-1] if percents else ''}".strip()


def run_lane(parts: list[Part], runs: list[Run]) -> None:
    """Runs parts one after the other; each is in `runs` from its start, and printed at its end."""
    for part in parts:
        run = Run(part)
        runs.append(run)
        shutil.rmtree(part.cache, ignore_errors=True)
        run.finish()
        run.show()


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
    for run in runs:
        if run.part.shares and run.verdict == TESTS_FAILED:
            run.try_again()
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
    for run in runs:
        if run in failed or run.unsteady:
            print(run.failures() or f"{run.part.name}: see its output above")
        for name in run.unsteady:
            print(f"UNSTEADY {name} ({run.part.name}): failed beside other tests, passed alone")
    verdict = f"FAILED: {', '.join(run.part.name for run in failed)}" if failed else "passed"
    print(f"{'all':<18}{time.monotonic() - began:7.1f} s  {verdict}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
