"""What goes wrong, and when: faults by name, a seeded plan of them, and who carries it out.

The plan depends on nothing but seed, kinds, counts and duration, so a run that found something can be run again. Each
fault is a context manager: entered it breaks something, left it is mended. Two faults of one thing (one process,
Redis, one link) never overlap: the later waits, so a plan may take a little longer than it says.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field

import psycopg

from realtime.testing.topology import Keeper, Topology
from realtime.testing.waiting import wait_until

VARIABLE = "FAULTS_SEED"
# Longer than a start takes on a machine that faults keep busy.
HUNG_AFTER_S = 90.0


def seed_of_this_run() -> int:
    """`FAULTS_SEED` from the environment, else a new one."""
    given = os.environ.get(VARIABLE)
    return int(given) if given else random.SystemRandom().randrange(1_000_000)


@dataclass(frozen=True, slots=True)
class Field:
    """Where faults happen."""

    topology: Topology
    keeper: Keeper
    one_web_at_a_time: threading.Lock = field(default_factory=threading.Lock)


Break = Callable[[Field, str], Iterator[None]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: what it hits, how long it lasts, and whether this installation can have it."""

    name: str
    targets: Callable[[Topology], Sequence[str]]
    lasts_s: tuple[float, float]
    hit: Callable[[Field, str], AbstractContextManager[None]]


KINDS: dict[str, Kind] = {}


@dataclass(frozen=True, slots=True)
class Fault:
    """One planned fault: so long after the start, of this target, for so long."""

    at_s: float
    kind: str
    target: str
    lasts_s: float

    def __str__(self) -> str:
        name = self.kind if self.target in self.kind else f"{self.kind} {self.target}"
        return f"{name} for {self.lasts_s:.1f} s" if self.lasts_s else name


def plan(seed: int, counts: Mapping[str, int], *, duration_s: float, topology: Topology) -> list[Fault]:
    """`counts` of each kind, spread evenly at random over the duration. Raises KeyError and ValueError."""
    rng = random.Random(seed)  # noqa: S311
    faults = []
    for name, count in sorted(counts.items()):
        targets = KINDS[name].targets(topology)
        if not targets:
            raise ValueError(
                f"{name} has nothing to hit here: another database, or a server of somebody else's."
            )
        for number in range(count):
            at_s = (number + rng.random()) * duration_s / count
            faults.append(Fault(at_s, name, rng.choice(targets), rng.uniform(*KINDS[name].lasts_s)))
    return sorted(faults, key=lambda fault: fault.at_s)


def possible(topology: Topology) -> list[str]:
    """The kinds that this installation can have."""
    return [name for name, kind in KINDS.items() if kind.targets(topology)]


class Nemesis:
    """Carries out a plan; `done` tells what happened, in order."""

    def __init__(self, field: Field, faults: Sequence[Fault], tell: Callable[[str], None]) -> None:
        self.done: list[Fault] = []
        self._field = field
        self._faults = faults
        self._tell = tell
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def run(self) -> None:
        """Until the last fault is mended. Raises what a fault that could not be done raised."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for fault in self._faults:
                await asyncio.sleep(max(0.0, began + fault.at_s - time.monotonic()))
                tasks.create_task(self._commit(fault))

    async def _commit(self, fault: Fault) -> None:
        async with self._locks[fault.target]:
            self._tell(str(fault))
            hit = KINDS[fault.kind].hit(self._field, fault.target)
            await asyncio.to_thread(hit.__enter__)
            try:
                await asyncio.sleep(fault.lasts_s)
            finally:
                await asyncio.to_thread(hit.__exit__, None, None, None)
            self.done.append(fault)


# ---- kinds of faults


def _fault(
    name: str, targets: Callable[[Topology], Sequence[str]], lasts_s: tuple[float, float] = (0.0, 0.0)
) -> Callable[[Break], Break]:
    def register(break_: Break) -> Break:
        KINDS[name] = Kind(name, targets, lasts_s, contextmanager(break_))
        return break_

    return register


def _webs(topology: Topology) -> Sequence[str]:
    return topology.webs


def _workers(topology: Topology) -> Sequence[str]:
    return topology.workers


def _beats(topology: Topology) -> Sequence[str]:
    return topology.beats


def _redis(topology: Topology) -> Sequence[str]:
    return ["redis"]


def _redis_link(topology: Topology) -> Sequence[str]:
    return ["redis-link"]


def _web_links(topology: Topology) -> Sequence[str]:
    return [f"{name}-link" for name in topology.webs]


def _own_postgres(topology: Topology) -> Sequence[str]:
    return ["postgres"] if topology.postgres is not None else []


def _postgres_link(topology: Topology) -> Sequence[str]:
    return ["postgres-link"] if topology.database_link is not None else []


def _sqlite(topology: Topology) -> Sequence[str]:
    return ["sqlite"] if topology.database_link is None else []


@_fault("kill-web", _webs)
def _kill_web(field: Field, name: str) -> Iterator[None]:
    """SIGKILL, while another one serves: its clients are to come back at once, not when a process has started."""
    with field.one_web_at_a_time:
        wait_until(lambda: _serve_beside(field, name), f"{name} and another serve", timeout_s=HUNG_AFTER_S)
        field.keeper.kill(name)
    yield
    _until_it_serves(field, name)


@_fault("kill-worker", _workers)
@_fault("kill-beat", _beats)
def _kill(field: Field, name: str) -> Iterator[None]:
    """SIGKILL; the supervisor starts it again."""
    _until_it_serves(field, name)
    field.keeper.kill(name)
    yield
    _until_it_serves(field, name)


@_fault("pause-web", _webs, (1.0, 4.0))
@_fault("pause-worker", _workers, (1.0, 6.0))
@_fault("pause-beat", _beats, (1.0, 6.0))
def _pause(field: Field, name: str) -> Iterator[None]:
    """SIGSTOP, SIGCONT."""
    _until_it_serves(field, name)
    field.topology.pause(name)
    yield
    field.topology.resume(name)


@_fault("redis-kill", _redis, (0.5, 3.0))
def _redis_kill(field: Field, _: str) -> Iterator[None]:
    field.topology.redis.kill()
    yield
    field.topology.redis.start()


@_fault("redis-empty", _redis, (0.5, 3.0))
def _redis_empty(field: Field, _: str) -> Iterator[None]:
    """Killed, and back with nothing in it."""
    field.topology.redis.kill()
    yield
    field.topology.redis.start_empty()


@_fault("redis-pause", _redis, (1.0, 5.0))
def _redis_pause(field: Field, _: str) -> Iterator[None]:
    field.topology.redis.pause()
    yield
    field.topology.redis.resume()


@_fault("redis-full", _redis, (1.0, 4.0))
def _redis_full(field: Field, _: str) -> Iterator[None]:
    """No memory left: reads and publications go on, writes are refused."""
    field.topology.redis.command("CONFIG", "SET", "maxmemory", "1")
    yield
    field.topology.redis.command("CONFIG", "SET", "maxmemory", "0")


@_fault("redis-readonly", _redis, (1.0, 4.0))
def _redis_readonly(field: Field, _: str) -> Iterator[None]:
    """A replica of nobody, as after a failover that went wrong: writes are refused."""
    field.topology.redis.command("REPLICAOF", "127.0.0.1", "1")
    yield
    field.topology.redis.command("REPLICAOF", "NO", "ONE")


@_fault("redis-unsubscribe", _redis)
def _redis_unsubscribe(field: Field, _: str) -> Iterator[None]:
    """Redis throws out everybody who listens."""
    field.topology.redis.command("CLIENT", "KILL", "TYPE", "pubsub")
    yield


@_fault("redis-cut", _redis_link)
def _redis_cut(field: Field, _: str) -> Iterator[None]:
    field.topology.redis_link.cut()
    yield


@_fault("redis-half-open", _redis_link, (2.0, 6.0))
def _redis_half_open(field: Field, _: str) -> Iterator[None]:
    """The web processes' connections to Redis fall silent, and nobody tells them."""
    field.topology.redis_link.blackhole()
    yield
    field.topology.redis_link.heal()


@_fault("redis-delay", _redis_link, (2.0, 5.0))
def _redis_delay(field: Field, _: str) -> Iterator[None]:
    field.topology.redis_link.delay(0.2)
    yield
    field.topology.redis_link.heal()


@_fault("client-cut", _web_links)
def _client_cut(field: Field, link: str) -> Iterator[None]:
    """Everybody's connection to one web process is reset."""
    field.topology.web_links[link.removesuffix("-link")].cut()
    yield


@_fault("client-half-open", _web_links, (1.0, 3.0))
def _client_half_open(field: Field, link: str) -> Iterator[None]:
    """Everybody's connection to one web process falls silent, for good."""
    proxy = field.topology.web_links[link.removesuffix("-link")]
    proxy.blackhole()
    yield
    proxy.heal()


@_fault("client-trickle", _web_links, (1.0, 3.0))
def _client_trickle(field: Field, link: str) -> Iterator[None]:
    """One byte a second between everybody and one web process."""
    proxy = field.topology.web_links[link.removesuffix("-link")]
    proxy.trickle()
    yield
    proxy.heal()


@_fault("postgres-restart", _own_postgres)
def _postgres_restart(field: Field, _: str) -> Iterator[None]:
    """In good order: transactions under way are rolled back."""
    assert field.topology.postgres is not None
    field.topology.postgres.stop()
    yield
    field.topology.postgres.start()


@_fault("postgres-crash", _own_postgres)
def _postgres_crash(field: Field, _: str) -> Iterator[None]:
    """At once, and back by recovery."""
    assert field.topology.postgres is not None
    field.topology.postgres.stop_immediately()
    yield
    field.topology.postgres.start()


@_fault("postgres-terminate", _postgres_link)
def _postgres_terminate(field: Field, _: str) -> Iterator[None]:
    """Every connection is ended by the administrator."""
    with psycopg.connect(field.topology.database_url, autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    yield


@_fault("postgres-half-open", _postgres_link, (1.0, 3.0))
def _postgres_half_open(field: Field, _: str) -> Iterator[None]:
    assert field.topology.database_link is not None
    field.topology.database_link.blackhole()
    yield
    field.topology.database_link.heal()


@_fault("sqlite-lock", _sqlite, (0.5, 3.0))
def _sqlite_lock(field: Field, _: str) -> Iterator[None]:
    """Somebody else holds the write lock."""
    path = field.topology.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def _until_it_serves(field: Field, name: str) -> None:
    """Where it never does, it is killed, and the keeper remembers: nobody's supervisor would have noticed."""
    try:
        wait_until(lambda: field.topology.serves(name), f"{name} serves", timeout_s=HUNG_AFTER_S)
    except AssertionError:
        field.keeper.kill_hung(name)
        wait_until(lambda: field.topology.serves(name), f"{name} serves", timeout_s=HUNG_AFTER_S)


def _serve_beside(field: Field, name: str) -> bool:
    topology = field.topology
    return topology.serves(name) and any(topology.serves(one) for one in topology.webs if one != name)
