"""A whole installation: redis, a migrated database, server processes, worker, beat; each can be killed.

The web processes are `manage.py serve` as in production. Fresh databases are copies of one that was migrated once.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg

from realtime.testing.redis import PrivateRedis
from realtime.testing.waiting import wait_until

BASE = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, str(BASE / "manage.py")]
CELERY = [sys.executable, "-m", "celery", "--quiet", "--app", "realtime.celery", "--workdir", str(BASE)]
WORKER = [
    *CELERY,
    "worker",
    "--loglevel",
    "INFO",
    "--concurrency",
    "1",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
]
BEAT = [*CELERY, "beat", "--pidfile="]
WORKER_READY = "ready."
START_TIMEOUT_S = 180.0  # on a machine that starts many at once
STOP_TIMEOUT_S = 20.0


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Databases:
    """Fresh migrated databases, cheap: the first is migrated, the others are copies of it."""

    def __init__(self, directory: Path, server_url: str | None) -> None:
        self._directory = directory
        self._server_url = server_url
        self._made = 0
        self._template: str | None = None

    def fresh(self) -> str:
        """The DATABASE_URL of a new one."""
        if self._template is None:
            self._template = self._create("carillon_template", None)
            run_manage("migrate", "--noinput", environment=self._environment(self._template))
        self._made += 1
        return self._create(f"carillon_{os.getpid()}_{self._made}", "carillon_template")

    def _environment(self, url: str) -> dict[str, str]:
        return {"DATABASE_URL": url, "VAR_DIR": str(self._directory)}

    def _create(self, name: str, template: str | None) -> str:
        self._directory.mkdir(parents=True, exist_ok=True)
        if self._server_url is None:
            path = self._directory / f"{name}.sqlite3"
            if template is not None:
                shutil.copy(self._directory / f"{template}.sqlite3", path)
            return f"sqlite:///{path}"
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            source = f' TEMPLATE "{template}"' if template else ""
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"{source}')
        return f"{self._server_url.rpartition('/')[0]}/{name}"


def run_manage(*words: str, environment: Mapping[str, str]) -> str:
    """Run a management command to its end; what it printed. Fails with its output when it fails."""
    done = subprocess.run(  # noqa: S603
        [*MANAGE, *words],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=START_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"manage.py {' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


class Running:
    """One process of a stack. Its output goes to a file, which a failing test shows."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self._log = log
        self._said: set[str] = set()
        with log.open("ab") as file:
            self._log_begin = file.tell()
            self._process = subprocess.Popen(  # noqa: S603
                command,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
                cwd=BASE,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    @property
    def log(self) -> str:
        """What it has said since its start."""
        return self._log.read_bytes()[self._log_begin :].decode(errors="replace")

    def log_has(self, words: str) -> bool:
        """Whether it has said that since its start; remembered, since logs grow long."""
        if words not in self._said and words in self.log:
            self._said.add(words)
        return words in self._said

    def send(self, number: signal.Signals) -> None:
        """A signal to the process itself, not to those that it forked."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL it and everything it forked, and wait for the end."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=STOP_TIMEOUT_S)

    def stop(self) -> int:
        """SIGTERM and wait; SIGKILL past the bound. The exit status."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            return self._process.wait(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()

    def wait(self, timeout_s: float = STOP_TIMEOUT_S) -> int:
        """Wait until it ends by itself. The exit status."""
        return self._process.wait(timeout=timeout_s)


class Stack:
    """One installation. `environment` goes to every process, for failpoints and settings."""

    def __init__(
        self,
        directory: Path,
        *,
        database_url: str,
        redis: PrivateRedis | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self.redis = redis or PrivateRedis(directory / "redis")
        self._owns_redis = redis is None
        self.database_url = database_url
        self.running: dict[str, Running] = {}
        self.ports: dict[str, int] = {}
        self._environment = dict(environment or {})

    @property
    def environment(self) -> dict[str, str]:
        """What each process is told; also for `run_manage`."""
        return {
            "TESTING": "0",
            "VAR_DIR": str(self.directory),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis.url,
            "PYTHONUNBUFFERED": "1",
            **self._environment,
        }

    def start_redis(self) -> None:
        self.redis.start()

    def start_web(self, name: str = "web", *, environment: Mapping[str, str] | None = None) -> str:
        """A server process, until it answers; its address. A name that ran before gets its port again."""
        process = self.launch_web(name, environment=environment)
        wait_until(
            lambda: self.runs(process) and self.answers(name), f"{name} answers", timeout_s=START_TIMEOUT_S
        )
        return self.url(name)

    def launch_web(self, name: str, *, environment: Mapping[str, str] | None = None) -> Running:
        """A server process that perhaps does not answer yet."""
        port = self.port(name)
        origin = f"http://127.0.0.1:{port}"
        own = {
            "PORT": str(port),
            "REALTIME_ORIGINS": f"{origin},http://localhost:{port}",
            **(environment or {}),
        }
        command = [*MANAGE, "serve", "--host", "127.0.0.1", "--port", str(port)]
        return self.start(name, command, environment=own)

    def start_worker(self, name: str = "worker", *, environment: Mapping[str, str] | None = None) -> Running:
        """A Celery worker, until it takes tasks."""
        process = self.launch_worker(name, environment=environment)
        wait_until(
            lambda: self.runs(process) and process.log_has(WORKER_READY),
            f"{name} is ready",
            timeout_s=START_TIMEOUT_S,
        )
        return process

    def launch_worker(
        self, name: str, *options: str, environment: Mapping[str, str] | None = None
    ) -> Running:
        """A Celery worker that perhaps takes no tasks yet."""
        return self.start(name, [*WORKER, "--hostname", f"{name}@%h", *options], environment=environment)

    def start_beat(self, name: str = "beat", *, environment: Mapping[str, str] | None = None) -> Running:
        return self.start(name, [*BEAT, "--hostname", f"{name}@%h"], environment=environment)

    def start(
        self, name: str, command: list[str], *, environment: Mapping[str, str] | None = None
    ) -> Running:
        """Any other process with the environment of this installation."""
        merged = {**self.environment, **(environment or {})}
        self.running[name] = Running(name, command, merged, self.directory / f"{name}.log")
        return self.running[name]

    def port(self, name: str) -> int:
        """Its own, at every start."""
        return self.ports.setdefault(name, free_port())

    def url(self, name: str = "web") -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def kill(self, name: str = "web") -> None:
        """SIGKILL a process and everything it forked."""
        self.running.pop(name).kill()

    def manage(self, *words: str) -> str:
        """Run a management command in this installation; what it printed."""
        return run_manage(*words, environment=self.environment)

    def stop(self) -> None:
        for process in self.running.values():
            process.stop()
        self.running.clear()
        if self._owns_redis:
            self.redis.stop()

    def logs(self) -> str:
        """The ends of all logs, for the message of a failing test."""
        return "\n".join(f"--- {name}\n{process.log[-3000:]}" for name, process in self.running.items())

    @staticmethod
    def runs(process: Running) -> bool:
        """True; fails with its log where it has ended."""
        if process.returncode is not None:
            raise AssertionError(f"{process.name} ended with {process.returncode}: {process.log[-4000:]}")
        return True

    def answers(self, name: str = "web") -> bool:
        """Whether that web process answers."""
        try:
            with urllib.request.urlopen(f"{self.url(name)}/healthz", timeout=5) as response:  # noqa: S310
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def running_stack(
    directory: Path, *, database_url: str, environment: Mapping[str, str] | None = None
) -> Iterator[Stack]:
    """A stack with its redis started; everything in it is stopped at the end."""
    stack = Stack(directory, database_url=database_url, environment=environment)
    stack.start_redis()
    try:
        yield stack
    finally:
        stack.stop()
