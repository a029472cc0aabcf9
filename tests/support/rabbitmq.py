"""A private RabbitMQ that a test may start and stop: Debian's, installed where we may."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

from realtime.testing.stack import free_port
from realtime.testing.waiting import wait_until
from tests.support import debian

# Erlang takes seconds to start, and many on a machine that is busy.
START_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 30.0
SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


def find_server() -> Path | None:
    """The program itself: the one on PATH insists on root or its own user."""
    if not SERVER.exists():
        debian.install("rabbitmq-server")
    return SERVER if SERVER.exists() and shutil.which("erl") else None


class PrivateRabbitMQ:
    """A node of its own in `directory`, with its guest user, on two ports of this machine."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self._port}//"

    @property
    def log(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in self._directory.glob("*.log"))

    def start(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        (self._directory / ".erlang.cookie").write_text("only-for-tests")
        (self._directory / ".erlang.cookie").chmod(0o400)
        environment = {
            **os.environ,
            "HOME": str(self._directory),
            "RABBITMQ_NODENAME": f"carillon-{self._port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(self._directory / "data"),
            "RABBITMQ_LOG_BASE": str(self._directory),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._directory / "plugins"),
            "RABBITMQ_CONF_ENV_FILE": str(self._directory / "none.conf"),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }
        (self._directory / "plugins").write_text("[].")
        with (self._directory / "output.log").open("ab") as log:
            self._process = subprocess.Popen(
                [find_server() or SERVER],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._serves, "RabbitMQ serves", timeout_s=START_TIMEOUT_S)

    def stop(self) -> None:
        if self._process is None:
            return
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(STOP_TIMEOUT_S)

    def _serves(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        return "Server startup complete" in self.log
