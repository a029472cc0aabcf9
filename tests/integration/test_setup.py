"""`tools/setup` on machines that lack something: one sentence that says what to do."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from realtime.testing.stack import BASE


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder with the script, and a `bin` that is the whole PATH."""
    (tmp_path / "tools").mkdir()
    shutil.copy(BASE / "tools" / "setup", tmp_path / "tools")
    (tmp_path / "bin").mkdir()
    for name in ("sh", "dirname"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    return tmp_path


def _python(machine: Path, script: str) -> None:
    program = machine / "bin" / "python3"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def _set_up(machine: Path) -> tuple[int, str]:
    done = subprocess.run(
        [machine / "tools" / "setup"],
        env={"PATH": str(machine / "bin"), "HOME": os.environ.get("HOME", str(machine))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_machine_without_python_is_told_what_to_install(machine: Path) -> None:
    status, said = _set_up(machine)
    assert (status, said.count("\n")) == (1, 1)
    assert "found none: install python3 and python3-pip" in said


def test_a_machine_with_an_old_python_is_told_which_one_it_needs(machine: Path) -> None:
    _python(machine, 'case "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac')
    status, said = _set_up(machine)
    assert (status, said.count("\n")) == (1, 1)
    assert "needs Python 3.11, 3.12 or 3.13, but python3 is Python 3.9.2" in said


def test_a_machine_with_neither_uv_nor_pip_is_told_so(machine: Path) -> None:
    _python(machine, 'case "$1" in -m) exit 1;; -c) echo "$0";; esac')
    status, said = _set_up(machine)
    assert (status, said.count("\n")) == (1, 1)
    assert "Neither uv nor pip is installed" in said
