"""Compiles the load generator where it is needed, once per state of its sources, into `.cache/load/`."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".cache" / "load"
FLAGS = ("-std=c11", "-O2", "-Wall", "-Wextra", "-Werror")


class BuildFailed(Exception):
    """There is no generator; the sentence says why."""


class Unsupported(BuildFailed):
    """Not on this machine as it is: another system than Linux, or no C compiler."""


@cache
def program(*extra_flags: str) -> Path:
    """The compiled generator. Raises BuildFailed."""
    return compiled("load", sorted(HERE.glob("*.c")), *extra_flags)


def compiled(name: str, sources: list[Path], *extra_flags: str) -> Path:
    """What `sources` and the headers beside this file compile to: taken from the cache, or made now."""
    command = compiler()
    flags = (*FLAGS, *extra_flags)
    state = hashlib.sha256(repr((command, flags)).encode())
    for path in [*sources, *sorted(HERE.glob("*.h"))]:
        state.update(path.read_bytes())
    target = CACHE / f"{name}-{state.hexdigest()[:16]}"
    if not target.exists():
        _compile(command, flags, sources, target)
    return target


def compiler() -> str:
    """The name of the C compiler. Raises Unsupported."""
    if sys.platform != "linux":
        raise Unsupported("The load generator needs Linux: it is built on epoll and reads /proc.")
    for name in (os.environ.get("CC"), "cc", "gcc", "clang"):
        if name and shutil.which(name):
            return name
    raise Unsupported(
        "The load generator needs a C compiler: install one (Debian, Ubuntu: `apt install gcc libc6-dev`; "
        "Fedora: `dnf install gcc`; Alpine: `apk add gcc musl-dev`), or name yours in CC."
    )


def _compile(command: str, flags: tuple[str, ...], sources: list[Path], target: Path) -> None:
    """Compiles beside the target and renames, so that no other process finds half a file."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as directory:
        fresh = Path(directory) / target.name
        done = subprocess.run(
            [command, *flags, "-o", fresh, *sources, "-lm"], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise BuildFailed(f"{command} could not build the load generator:\n{done.stderr}")
        fresh.replace(target)
