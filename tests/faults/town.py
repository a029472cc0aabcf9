"""A topology with people in it: three web processes, two workers, two beats, a redis, all of which may die.

One town serves all tests of a run. Each test takes rooms that nobody used, and leaves processes as it likes: the next
one starts with all of them running and none of them tampered with.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from realtime.testing.checker import check, raw_duplicates
from realtime.testing.history import Acked, Connected, History
from realtime.testing.participant import Participant
from realtime.testing.stored import rows, stored
from realtime.testing.topology import WEBS, Topology
from realtime.testing.waiting import await_until

_ON_POSTGRES = os.environ.get("DATABASE") == "postgres"
# To see a test turn red without what it proves, and for what has little to do with the database, once is enough.
mutation = pytest.mark.skipif(_ON_POSTGRES, reason="a mutation: seen on SQLite")
on_one_database = pytest.mark.skipif(_ON_POSTGRES, reason="the same on every database: seen on SQLite")

MEMBERS = 6  # with tokens, and in every room
AUDIENCE = 94  # who only get broadcasts
ROOMS = 36


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    token: str  # empty for those who only get broadcasts


Environment = Mapping[str, str]


class Town:
    """The installation and its people. Not for two tests at a time."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self._tampered: set[str] = set()
        self._stale: set[str] = set()
        numbers = ("--people", str(MEMBERS), "--audience", str(AUDIENCE), "--rooms", str(ROOMS))
        made = json.loads(topology.stack.manage("cast", "--name", "person", *numbers))
        self.people = [Person(**person) for person in made["people"]]
        self.members = [person for person in self.people if person.token]
        self._rooms = iter([room["id"] for room in made["rooms"]])

    def room(self) -> str:
        """The stream of a room with all `members`, without messages."""
        return f"room:{next(self._rooms)}"

    # ---- processes

    def begin(self) -> None:
        """A new test: what the one before tampered with has to go, unless this one replaces it anyway."""
        self._stale |= self._tampered
        self._tampered.clear()

    def prepare(self, *, tampered: Mapping[str, Environment], without: Sequence[str]) -> None:
        """Everything runs, as this test wants it: some with a fault built in, some not at all."""
        self.topology.heal()
        for name in without:
            self.kill(name)
        starting = [
            name
            for name in self.topology.names
            if name not in without and (name in tampered or self._is_unwell(name))
        ]
        with ThreadPoolExecutor() as threads:
            list(threads.map(lambda name: self.restart(name, tampered.get(name)), starting))

    def restart(self, name: str, environment: Environment | None = None, *options: str) -> None:
        """Starts a process, in place of the one that runs, perhaps with a fault built in; `options` for Celery."""
        self._stale.discard(name)
        if environment or options:
            self._tampered.add(name)
        self.topology.start_one(name, environment, *options)

    def kill(self, *names: str) -> None:
        """These are gone until the next scene, or until they are started again."""
        for name in names:
            self.topology.kill(name)

    def _is_unwell(self, name: str) -> bool:
        return not self.topology.serves(name) or name in self._stale

    def died(self, name: str) -> bool:
        return self.topology.stack.running[name].returncode is not None

    def announce(self, title: str, *words: str) -> list[int]:
        """Stores broadcasts, by default one to all people, due now; their ids."""
        printed = self.topology.stack.manage("announce", title, *(words or ("--to", "person-")))
        return list(json.loads(printed))

    def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        return rows(self.topology.database_url, sql, *values)


class Scene:
    """One test's people online, its history, and the verdict at its end."""

    def __init__(self, town: Town, streams: Sequence[str], rng: random.Random) -> None:
        self.town = town
        self.streams = list(streams)
        self.rng = rng
        self.history = History()
        self.people: list[Participant] = []
        self._open = AsyncExitStack()

    async def enter(
        self, *webs: str, person: Person | None = None, streams: Sequence[str] | None = None
    ) -> Participant:
        """One more person comes online, first at the first of `webs`, later at any of them."""
        person = person or self.town.members[len(self.people)]
        participant = Participant(
            person.name,
            urls=[self.town.topology.socket_url(name) for name in webs or WEBS],
            token=person.token,
            streams=streams or self.streams,
            history=self.history,
            rng=random.Random(self.rng.random()),
        )
        self.people.append(participant)
        return await self._open.enter_async_context(participant)

    @asynccontextmanager
    async def talking(
        self, people: Sequence[Participant], *, pause_s: tuple[float, float]
    ) -> AsyncIterator[None]:
        """Inside, these people talk all the time, in any of the rooms; at the end everything is acknowledged."""
        done = asyncio.Event()

        async def talk(person: Participant) -> None:
            count = 0
            while not done.is_set():
                count += 1
                await person.send(self.rng.choice(self.streams), f"{person.name} says {count}")
                await asyncio.sleep(self.rng.uniform(*pause_s))

        async with asyncio.TaskGroup() as tasks:
            for person in people:
                tasks.create_task(talk(person))
            try:
                yield
            finally:
                done.set()

    async def more_acks(self, count: int) -> None:
        """Waits for so many more."""
        goal = len(self.acks()) + count
        await await_until(lambda: len(self.acks()) >= goal, f"{count} more acks", timeout_s=15)

    def acks(self) -> list[Acked]:
        return list(self.history.of(Acked))

    def ack_times(self) -> list[float]:
        """How long each acknowledged attempt took, in seconds."""
        return [ack.at - ack.began_at for ack in self.acks()]

    def has(self, participant: Participant, stream: str, seq: int) -> bool:
        """Whether the event came to that person, on whichever connection, or lies before their time."""
        return bool(participant.client.cursors[stream].get("seq", 0) >= seq)

    async def everyone_has(self, stream: str, seq: int, *, within_s: float) -> None:
        followers = [person for person in self.people if stream in person.client.cursors]
        await await_until(
            lambda: all(self.has(person, stream, seq) for person in followers),
            f"everyone has {stream}#{seq}",
            timeout_s=within_s,
        )

    async def settle(self, *, within_s: float = 10.0) -> None:
        """Waits until everybody has the last event of every stream."""
        for stream in self.streams:
            ((head,),) = self.town.rows("SELECT max(seq) FROM log_event WHERE stream = ?", stream)
            if isinstance(head, int):
                await self.everyone_has(stream, head, within_s=within_s)

    def verdict(self) -> None:
        """Fails with every violation of I1-I8."""
        held = stored(self.town.topology.database_url, self.streams)
        violations = check(self.history, held)
        print(f"{len(self.history.records)} records, {raw_duplicates(self.history)} raw duplicates")
        assert not violations, "\n".join(map(str, violations[:20]))
        lost = [one for one in self.history.of(Connected) if not one.recovered]
        assert not lost, "every return resumes: nothing here was trimmed"

    async def close(self) -> None:
        await self._open.aclose()


@asynccontextmanager
async def scene(
    town: Town,
    seed: int,
    evidence: Path,
    *,
    rooms: int = 1,
    tampered: Mapping[str, Environment] | None = None,
    without: Sequence[str] = (),
) -> AsyncIterator[Scene]:
    """Opens a scene in a town that is prepared for it; a failure leaves its history in `evidence`."""
    await asyncio.to_thread(town.prepare, tampered=tampered or {}, without=without)
    current = Scene(town, [town.room() for _ in range(rooms)], random.Random(seed))
    try:
        yield current
    except BaseException:
        evidence.parent.mkdir(parents=True, exist_ok=True)
        current.history.write(evidence)
        print(f"The history is in {evidence}. Again: FAULTS_SEED={seed}")
        print(town.topology.stack.logs())
        raise
    finally:
        await current.close()


async def killed(town: Town, name: str, *, within_s: float = 10.0) -> float:
    """Waits until the process has died of its failpoint; the moment."""
    await await_until(lambda: town.died(name), f"{name} dies at its failpoint", timeout_s=within_s)
    return asyncio.get_running_loop().time()
