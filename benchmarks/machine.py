"""The machine: which core the server has and which the generator, what ran, and what the processes cost."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, GENERATOR_CORE = CORES[0], CORES[-1]
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
BASE = Path(__file__).resolve().parents[1]

SETTLED_UTIL = 0.1
SETTLE_WINDOW_S = 0.25


@contextmanager
def on_cores(*cores: int) -> Iterator[None]:
    """What is started inside runs on these cores only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_s(pids: Iterable[int]) -> float:
    """User and system time of these processes so far."""
    return sum(_ticks(pid) for pid in pids) / TICKS_PER_S


def settle(pids: Iterable[int], *, timeout_s: float = 10.0) -> None:
    """Waits until the processes have worked off what they were given, so that the next step starts level."""
    watched, deadline = tuple(pids), time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        before = cpu_s(watched)
        time.sleep(SETTLE_WINDOW_S)
        if cpu_s(watched) - before < SETTLED_UTIL * SETTLE_WINDOW_S:
            return


def description() -> dict[str, object]:
    """What a reader needs to know to compare figures."""
    return {
        "processor": _processor(),
        "cores": len(CORES),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "commit": _commit(),
    }


def package_versions(*names: str) -> str:
    return ", ".join(f"{name} {version(name)}" for name in names)


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    shown = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=BASE, capture_output=True, text=True, check=False
    )
    return shown.stdout.strip() or "unknown"
