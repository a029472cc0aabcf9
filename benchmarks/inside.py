"""Programs of the benchmark that run inside an installation, with its environment."""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks.machine import BASE
from realtime.testing.stack import Stack

TIMEOUT_S = 900


def run_inside(stack: Stack, module: str, *words: str) -> str:
    """What `python -m module words` printed. Raises RuntimeError with its complaint."""
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        env={**os.environ, **stack.environment},
        cwd=BASE,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{module} ended with {done.returncode}: {done.stderr[-4000:]}")
    return done.stdout
