"""`make run`'s supervisor as a whole, with real programs: what a person at the terminal sees."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime.supervisor import leftovers
from realtime.testing.stack import BASE, free_port
from realtime.testing.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

COMMAND = [sys.executable, "-m", "realtime.supervisor"]
LEFT_OUT = (
    "TESTING",
    "DATABASE_URL",
    "DATABASE",
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "SECRET_KEY",
    "FORCE_COLOR",
)


class Terminal:
    """One `make run` on a data folder."""

    def __init__(self, var: Path, port: int) -> None:
        self.port = port
        self.began = time.monotonic()
        self._log = var.parent / f"terminal-{time.monotonic_ns()}.log"
        environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
        with self._log.open("wb") as file:
            self.process = subprocess.Popen(
                COMMAND,
                cwd=BASE,
                env={**environment, "VAR_DIR": str(var), "PORT": str(port)},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        return self._log.read_text()

    def until(self, pattern: str, *, timeout_s: float = 60.0) -> None:
        def shown() -> object:
            if self.process.poll() is not None and not re.search(pattern, self.text):
                raise AssertionError(f"It ended with {self.process.returncode}:\n{self.text}")
            return re.search(pattern, self.text)

        wait_until(shown, f"the terminal shows {pattern!r}", timeout_s=timeout_s)

    def ends(self, *, timeout_s: float = 30.0) -> int:
        return self.process.wait(timeout=timeout_s)


def _page(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as response:
        return int(response.status)


def _programs(var: Path) -> dict[int, str]:
    """The processes that were told to use this folder: id and command line."""
    marker = f"VAR_DIR={var}\0".encode()
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if marker in (process / "environ").read_bytes() + b"\0":
                words = (process / "cmdline").read_bytes().split(b"\0")
                if words != [b""]:
                    found[int(process.name)] = b" ".join(words).decode()
        except OSError:
            continue
    return found


def _kill_one(var: Path, words: str) -> None:
    pid = next(pid for pid, command in _programs(var).items() if words in command)
    os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run") / "var"


@pytest.fixture(scope="module")
def first_start(var: Path) -> Iterator[Terminal]:
    """The first start on this folder, ended by Ctrl-C when the module is done with it."""
    terminal = Terminal(var, free_port())
    try:
        yield terminal
    finally:
        if terminal.process.poll() is None:
            terminal.process.kill()
            terminal.ends()


def test_the_first_start_prints_the_address_and_the_demo_accounts(first_start: Terminal) -> None:
    first_start.until(f"Carillon is ready: http://localhost:{first_start.port}")
    assert _page(first_start.port) == 200
    first_start.until("admin")
    first_start.until(r"worker +\| .*ready")


def test_a_second_start_on_the_same_folder_is_refused(first_start: Terminal, var: Path) -> None:
    second = Terminal(var, free_port())
    assert second.ends() == 1
    assert "already runs" in second.text
    assert "Traceback" not in second.text


def test_a_program_that_is_killed_comes_back(first_start: Terminal, var: Path) -> None:
    _kill_one(var, "manage.py serve")
    first_start.until("web was killed by SIGKILL; starting it again")

    def answers() -> bool:
        try:
            return _page(first_start.port) == 200
        except OSError:
            return False

    wait_until(answers, "the page is back", timeout_s=30)


def test_ctrl_c_stops_everything_and_leaves_no_process(first_start: Terminal, var: Path) -> None:
    began = time.monotonic()
    first_start.process.send_signal(signal.SIGINT)
    assert first_start.ends() == 0
    assert time.monotonic() - began < 15
    assert first_start.text.rstrip().endswith("stopped")
    assert "Traceback" not in first_start.text
    assert _programs(var) == {}


def test_a_later_start_serves_its_first_page_within_seconds(first_start: Terminal, var: Path) -> None:
    later = Terminal(var, free_port())
    later.until("Carillon is ready", timeout_s=30)
    took_s = time.monotonic() - later.began
    assert "preparing the database" not in later.text
    later.process.send_signal(signal.SIGTERM)
    assert later.ends() == 0
    assert took_s <= 15, later.text  # 4 s on a machine that does nothing else


def test_after_a_killed_supervisor_the_next_start_finds_a_clean_house(
    first_start: Terminal, var: Path
) -> None:
    killed = Terminal(var, free_port())
    killed.until("Carillon is ready")
    killed.process.kill()
    killed.ends()
    later = Terminal(var, killed.port)
    later.until("Carillon is ready")
    later.process.send_signal(signal.SIGINT)
    assert later.ends() == 0
    wait_until(lambda: _programs(var) == {}, "nothing is left", timeout_s=15)


def test_damaged_redis_data_does_not_keep_it_from_starting(first_start: Terminal, var: Path) -> None:
    for path in (var / "redis" / "appendonlydir").iterdir():
        path.write_text("something else entirely\n")
    later = Terminal(var, free_port())
    later.until("Carillon is ready")
    assert "redis could not read its data" in later.text
    later.process.send_signal(signal.SIGINT)
    assert later.ends() == 0


def test_a_taken_port_is_told_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        terminal = Terminal(tmp_path / "var", other.getsockname()[1])
        assert terminal.ends() == 1
    (line,) = terminal.text.splitlines()
    assert "is taken by another program" in line


def test_a_database_that_is_none_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "carillon.sqlite3").write_text("something else entirely")
    terminal = Terminal(tmp_path / "var", free_port())
    assert terminal.ends() == 1
    (line,) = terminal.text.splitlines()
    assert "is not a SQLite database" in line
    assert not (tmp_path / "var" / leftovers.PROGRAMS_NAME).exists()
