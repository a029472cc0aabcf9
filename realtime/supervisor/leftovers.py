"""What a supervisor that was killed left behind: the lock that only a living one holds, and the ids of its programs.

A process id alone proves nothing, because ids are used again: the start time is kept and compared with it.
"""

import fcntl
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TextIO

from realtime.supervisor.refusal import Refusal

LOCK_NAME = "supervisor.lock"
PROGRAMS_NAME = "supervisor.programs"
STOP_TIMEOUT_S = 5.0
POLL_S = 0.05


def lock(var: Path) -> TextIO:
    """Take the folder for this process. The lock goes with the process. Raises Refusal when another holds it."""
    file = (var / LOCK_NAME).open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise Refusal(
            f"Carillon already runs on {var} (process {owner}): stop it first, or set VAR_DIR to another folder."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def start_time(pid: int) -> str | None:
    """When the process started, in whatever unit the system has; None when there is no such process."""
    try:
        # The name, in brackets, may hold anything: fields are counted from its end (proc(5)).
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else fields[19]
    except OSError:
        if Path("/proc/self").exists():
            return None
    shown = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip() or None


def record(var: Path, pids: dict[str, int]) -> None:
    """Remember the programs that run now."""
    known = {name: [pid, start_time(pid)] for name, pid in pids.items()}
    path = var / PROGRAMS_NAME
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(known))
    fresh.replace(path)


def _alive(programs: dict[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    return {name: (pid, began) for name, (pid, began) in programs.items() if start_time(pid) == began}


def stop(var: Path) -> list[str]:
    """Stop the programs of a former supervisor that still run; their names. Bounded: SIGKILL after 5 s."""
    try:
        recorded = json.loads((var / PROGRAMS_NAME).read_text())
        programs = {str(name): (int(pid), str(began)) for name, (pid, began) in recorded.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return []
    left = found = _alive(programs)
    _signal(left, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while left and time.monotonic() < deadline:
        time.sleep(POLL_S)
        left = _alive(left)
    _signal(left, signal.SIGKILL)
    (var / PROGRAMS_NAME).unlink(missing_ok=True)
    return list(found)


def _signal(programs: dict[str, tuple[int, str]], number: signal.Signals) -> None:
    for pid, _began in programs.values():
        try:
            # Each program leads a group of its own, so its workers end with it.
            os.killpg(pid, number)
        except (ProcessLookupError, PermissionError):
            continue
