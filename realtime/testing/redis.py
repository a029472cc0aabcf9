"""A private redis server that a test may kill, empty and start again."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import redis

from realtime.supervisor import redis_server
from realtime.testing.waiting import wait_until


class PrivateRedis:
    """A real redis/valkey on a unix socket in `directory`. Persistence is on, so a restart keeps the data."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.socket = directory / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        log = (self.directory / "redis.log").open("ab")
        with log:
            self._process = subprocess.Popen(  # noqa: S603
                redis_server.command(directory=self.directory, unix_socket=self.socket),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(lambda: redis_server.answers(self.socket), "redis answers", timeout_s=10)

    def command(self, *words: str) -> str:
        """One raw command; the first line of its answer."""
        return redis_server.ask(self.socket, *words)

    def figures(self, section: str) -> dict[str, Any]:
        """A section of INFO."""
        with redis.Redis(unix_socket_path=str(self.socket)) as server:
            found: dict[str, Any] = server.info(section)
        return found

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL, as the out-of-memory killer does."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """SIGSTOP: it accepts connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def start_empty(self) -> None:
        """Start it with nothing in it."""
        shutil.rmtree(self.directory / "appendonlydir", ignore_errors=True)
        self.start()

    def restart_empty(self) -> None:
        """Kill it and start it with nothing in it."""
        self.kill()
        self.start_empty()

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        os.kill(self._process.pid, number)
        self._process.wait(timeout=10)
        self._process = None
        self.socket.unlink(missing_ok=True)
