"""Real processes: how one is started again, stopped within its bound, and how its lines are passed on."""

import asyncio
import sys

import pytest

from realtime.supervisor.child import Child, GaveUp, Program, describe_end
from realtime.supervisor.output import Output
from realtime.testing.waiting import await_until


class Lines(Output):
    """Keeps what would be printed."""

    def __init__(self) -> None:
        super().__init__(coloured=False)
        self.lines: list[str] = []

    def _write(self, text: str) -> None:
        self.lines.append(text.rstrip("\n"))


def _child(code: str, lines: Lines, *, stop_timeout_s: float = 5.0) -> Child:
    program = Program("web", [sys.executable, "-c", code], {"WORD": "hello"}, stop_timeout_s)
    return Child(program, lines, lambda: None)


@pytest.fixture
def lines() -> Lines:
    return Lines()


async def test_its_lines_come_out_whole_behind_its_name(lines: Lines) -> None:
    child = _child(
        "import os,sys; print(os.environ['WORD']); print('ä' * 3, file=sys.stderr); print('end', end='')",
        lines,
    )
    assert await child.run_once() == 0
    assert sorted(lines.lines) == sorted(["web      | hello", "web      | äää", "web      | end"])


async def test_one_that_is_killed_is_started_again_and_the_log_says_so(lines: Lines) -> None:
    child = _child("print('up', flush=True); import signal; signal.pause()", lines)
    keeping = asyncio.create_task(child.keep_running())
    await await_until(lambda: "web      | up" in lines.lines, "it is up")
    first = child.pid
    child._signal_group(first or 0, 9)
    await await_until(lambda: lines.lines.count("web      | up") == 2, "it is up again")
    assert child.pid not in {None, first}
    assert any("web was killed by SIGKILL; starting it again" in line for line in lines.lines)
    await child.stop()
    await keeping


async def test_one_that_ignores_sigterm_is_killed_after_its_bound(lines: Lines) -> None:
    code = "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()"
    child = _child(code, lines, stop_timeout_s=0.2)
    keeping = asyncio.create_task(child.keep_running())
    await await_until(lambda: "web      | up" in lines.lines, "it is up")
    await child.stop()
    await keeping
    assert child.pid is None
    assert any("web did not stop in" in line for line in lines.lines)


async def test_what_it_forked_goes_with_it(lines: Lines) -> None:
    # Without that, the pipe would stay open and this would wait for the grandchild.
    code = "import subprocess,sys; subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])"
    async with asyncio.timeout(10):
        assert await _child(code, lines).run_once() == 0


async def test_one_that_never_stays_up_is_given_up(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.supervisor.child.FIRST_DELAY_S", 0.0)
    with pytest.raises(GaveUp, match="web does not stay up"):
        await _child("raise SystemExit(3)", lines).keep_running()
    assert any("web ended with status 3" in line for line in lines.lines)


def test_ends_are_told_in_words() -> None:
    assert describe_end(-9) == "was killed by SIGKILL"
    assert describe_end(1) == "ended with status 1"
