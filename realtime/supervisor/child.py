"""One program under the supervisor: started, listened to, started again when it dies, stopped within a bound."""

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from realtime.supervisor.output import Output

FIRST_DELAY_S = 0.2
MAX_DELAY_S = 30.0
# A program that ran this long was well: the next death starts the delays from the beginning.
STABLE_AFTER_S = 20.0
MAX_DEATHS_IN_A_ROW = 6
READ_BYTES = 65_536
# How long the last lines of a program that ended may take to arrive.
OUTPUT_TIMEOUT_S = 2.0
PR_SET_PDEATHSIG = 1


class GaveUp(Exception):
    """A program dies again and again."""


@dataclass(frozen=True)
class Program:
    """What to run. `stop_timeout_s` is how long it may take to finish its work after SIGTERM."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_timeout_s: float = 10.0


def _die_with_parent() -> Callable[[], None] | None:
    """What a child runs before its program: ask Linux for a SIGTERM when the supervisor is killed."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def describe_end(returncode: int) -> str:
    """How a process ended, in words."""
    if returncode >= 0:
        return f"ended with status {returncode}"
    try:
        return f"was killed by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"was killed by signal {-returncode}"


class Child:
    """Keeps one program running until `stop()`. `on_change` is told whenever its process id changes."""

    def __init__(self, program: Program, output: Output, on_change: Callable[[], None]) -> None:
        self.program = program
        self._output = output
        self._on_change = on_change
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self.deaths_in_a_row = 0

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def run_once(self) -> int:
        """Run to the end, passing its output on; its exit status (negative: a signal)."""
        # A pipe of our own: asyncio's `wait()` would also wait for those who inherited one of its pipes.
        reading_end, writing_end = os.pipe()
        reading = asyncio.create_task(self._pass_output_on(reading_end))
        try:
            process = await self._spawn(writing_end)
        finally:
            os.close(writing_end)
        returncode = await process.wait()
        # Processes that it forked may live on, keep its port or its pipe: they go with it.
        self._signal_group(process.pid, signal.SIGKILL)
        await asyncio.wait([reading], timeout=OUTPUT_TIMEOUT_S)
        reading.cancel()
        self._on_change()
        return returncode

    async def _spawn(self, output: int) -> asyncio.subprocess.Process:
        self._process = await asyncio.create_subprocess_exec(
            *self.program.command,
            env={**os.environ, **self.program.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # A group of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops things in order.
            start_new_session=True,
            preexec_fn=_die_with_parent(),
        )
        self._on_change()
        if self._stopping:
            self.send(signal.SIGTERM)
        return self._process

    async def keep_running(self) -> None:
        """Run it, and again whenever it dies, until `stop()`. Raises GaveUp."""
        while not self._stopping:
            began = time.monotonic()
            returncode = await self.run_once()
            if self._stopping:
                return
            if time.monotonic() - began > STABLE_AFTER_S:
                self.deaths_in_a_row = 0
            self.deaths_in_a_row += 1
            if self.deaths_in_a_row >= MAX_DEATHS_IN_A_ROW:
                raise GaveUp(f"{self.program.name} does not stay up: its last lines above say why.")
            delay_s = min(FIRST_DELAY_S * 3 ** (self.deaths_in_a_row - 1), MAX_DELAY_S)
            self._output.say(
                f"{self.program.name} {describe_end(returncode)}; starting it again in {delay_s:.1f} s"
            )
            await asyncio.sleep(delay_s)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program, if it runs."""
        if self.pid is not None:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL when it takes longer than it may."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        self.send(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), self.program.stop_timeout_s)
        except TimeoutError:
            self._output.say(
                f"{self.program.name} did not stop in {self.program.stop_timeout_s:.0f} s: killed"
            )
            self.kill()
            await process.wait()

    def kill(self) -> None:
        """SIGKILL it and everything it forked."""
        self._stopping = True
        if self.pid is not None:
            self._signal_group(self.pid, signal.SIGKILL)

    @staticmethod
    def _signal_group(pid: int, number: signal.Signals) -> None:
        try:
            os.killpg(pid, number)
        except (ProcessLookupError, PermissionError):
            return

    async def _pass_output_on(self, pipe: int) -> None:
        reader = asyncio.StreamReader(limit=READ_BYTES)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(pipe, "rb")
        )
        rest = b""
        try:
            while block := await reader.read(READ_BYTES):
                *lines, rest = (rest + block).split(b"\n")
                for line in lines:
                    self._print(line)
                if len(rest) > READ_BYTES:
                    self._print(rest)
                    rest = b""
        finally:
            if rest:
                self._print(rest)
            transport.close()

    def _print(self, line: bytes) -> None:
        self._output.line(self.program.name, line.decode(errors="replace").rstrip("\r"))
