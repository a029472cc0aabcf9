"""A whole installation with every link breakable: web processes, workers, beats, Redis and a database.

    clients -> web_links[name] -> web a, b, c -> redis_link -> Redis <- workers, beats
                                             `-> database_link -> PostgreSQL   (a file with SQLite)

Everything of it is private (folder, ports, Redis, database) and only its own processes are ever touched. Where a
`Keeper` watches, whatever dies is started again, as a supervisor does.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from realtime.testing.postgres import PrivatePostgres
from realtime.testing.proxy import Network, Proxy
from realtime.testing.stack import START_TIMEOUT_S, WORKER_READY, Running, Stack
from realtime.testing.waiting import wait_until

WEBS = ("a", "b", "c")
WORKERS = ("worker1", "worker2")
BEATS = ("beat1", "beat2")
WATCH_INTERVAL_S = 0.2
POSTGRES_PORT = 5432


class Topology:
    """`postgres` is the server behind `database_url`, where it may be stopped too; else None."""

    def __init__(
        self,
        directory: Path,
        network: Network,
        *,
        database_url: str,
        postgres: PrivatePostgres | None = None,
        webs: Iterable[str] = WEBS,
        workers: Iterable[str] = WORKERS,
        beats: Iterable[str] = BEATS,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.webs, self.workers, self.beats = tuple(webs), tuple(workers), tuple(beats)
        self.stack = Stack(directory, database_url=database_url, environment=environment)
        self.postgres = postgres
        self.redis = self.stack.redis
        self.redis_link = network.proxy(f"unix:{self.redis.socket}")
        self.web_links: dict[str, Proxy] = {}
        self.database_link: Proxy | None = None
        self._linked_url = database_url
        if not database_url.startswith("sqlite"):
            self.database_link, self._linked_url = _through_a_proxy(network, database_url)
        for name in self.webs:
            self.web_links[name] = network.proxy(f"127.0.0.1:{self.stack.port(name)}")

    @property
    def database_url(self) -> str:
        """The database itself, around the proxy."""
        return self.stack.database_url

    @property
    def names(self) -> tuple[str, ...]:
        """Every process but the servers below."""
        return (*self.webs, *self.workers, *self.beats)

    def socket_url(self, name: str) -> str:
        """Where clients of that web process connect, through its link."""
        return f"ws://{self.web_links[name].address}/ws"

    # ---- processes

    def start(self) -> None:
        """Redis first, then everything else together, until it serves."""
        self.redis.start()
        with ThreadPoolExecutor(len(self.names)) as threads:
            list(threads.map(self.start_one, self.names))

    def start_one(self, name: str, environment: Mapping[str, str] | None = None, *options: str) -> None:
        """Starts a process by name, in place of the one that runs, until it serves."""
        if name in self.stack.running:
            self.stack.kill(name)
        process = self.launch(name, environment, *options)
        wait_until(
            lambda: self.stack.runs(process) and self.serves(name),
            f"{name} serves",
            timeout_s=START_TIMEOUT_S,
        )

    def launch(self, name: str, environment: Mapping[str, str] | None = None, *options: str) -> Running:
        """The same without waiting. `options` are Celery's."""
        if name in self.webs:
            linked = {"REDIS_URL": f"redis://{self.redis_link.address}/0", "DATABASE_URL": self._linked_url}
            return self.stack.launch_web(name, environment={**linked, **(environment or {})})
        if name in self.workers:
            return self.stack.launch_worker(name, *options, environment=environment)
        return self.stack.start_beat(name, environment=environment)

    def serves(self, name: str) -> bool:
        """Whether the process runs and does its work: a web process answers, a worker takes tasks."""
        process = self.stack.running.get(name)
        if process is None or process.returncode is not None:
            return False
        if name in self.webs:
            return self.stack.answers(name)
        return name in self.beats or process.log_has(WORKER_READY)

    def kill(self, name: str) -> None:
        """SIGKILL, with everything it forked."""
        self.stack.running[name].kill()

    def pause(self, name: str) -> None:
        """SIGSTOP, as a machine that swaps or a virtual machine that moves."""
        _signal(self.stack.running[name].pid, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        _signal(self.stack.running[name].pid, signal.SIGCONT)

    def heal(self) -> None:
        """Every link good again."""
        links = [self.redis_link, *self.web_links.values()]
        if self.database_link is not None:
            links.append(self.database_link)
        for link in links:
            link.heal()

    def stop(self) -> None:
        """Ends all of it; nothing here is worth a goodbye."""
        for name in list(self.stack.running):
            self.stack.kill(name)
        self.redis.kill()


@contextmanager
def running_topology(topology: Topology) -> Iterator[Topology]:
    """Started; ended when the block is left."""
    try:
        topology.start()
        yield topology
    except BaseException:
        sys.stderr.write(topology.stack.logs())
        raise
    finally:
        topology.stop()


@dataclass(frozen=True, slots=True)
class Death:
    """A process that ended; `planned` where somebody killed it on purpose."""

    name: str
    status: int
    planned: bool
    at: float


class Keeper:
    """The supervisor of a topology: starts again whatever died, and notes each death. Runs a thread of its own."""

    def __init__(self, topology: Topology) -> None:
        self.deaths: list[Death] = []
        self.hung: list[str] = []
        self._topology = topology
        self._killed: set[int] = set()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="keeper", daemon=True)

    def __enter__(self) -> Keeper:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._done.set()
        self._thread.join(START_TIMEOUT_S)

    def kill(self, name: str) -> None:
        """A death that is planned."""
        self._killed.add(self._topology.stack.running[name].pid)
        self._topology.kill(name)

    def kill_hung(self, name: str) -> None:
        """What a person would have to do with a process that runs and never gets to work."""
        self.hung.append(name)
        self.kill(name)

    def _watch(self) -> None:
        while not self._done.wait(WATCH_INTERVAL_S):
            for name, process in list(self._topology.stack.running.items()):
                status = process.returncode
                if status is not None:
                    planned = process.pid in self._killed
                    self.deaths.append(Death(name, status, planned, time.monotonic()))
                    self._topology.launch(name)


def _through_a_proxy(network: Network, database_url: str) -> tuple[Proxy, str]:
    """A proxy before the PostgreSQL of that URL, and the URL that goes through it."""
    parts = urlsplit(database_url)
    host, port = unquote(parts.hostname or "localhost"), parts.port or POSTGRES_PORT
    target = f"unix:{host}/.s.PGSQL.{port}" if host.startswith("/") else f"{host}:{port}"
    proxy = network.proxy(target)
    who = parts.netloc.rpartition("@")[0]
    return proxy, parts._replace(netloc=f"{who}@{proxy.address}").geturl()


def _signal(pid: int, number: signal.Signals) -> None:
    os.killpg(pid, number)
