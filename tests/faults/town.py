"""An installation with people in it: web processes `a` and `b`, a worker, beat, a redis, all of which may die.

One town serves all tests of a run. Each test takes rooms that nobody used, and leaves processes as it likes: the next
one starts with all of them running and none of them tampered with.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from realtime.testing.checker import check, raw_duplicates
from realtime.testing.history import Acked, Connected, History, Joined, Received
from realtime.testing.participant import Participant
from realtime.testing.stack import BASE, WORKER, Stack
from realtime.testing.waiting import await_until
from tests.faults.stored import rows, stored

WEBS = ("a", "b")


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    token: str  # empty for those who only get broadcasts


class Town:
    """The installation and its people. Not for two tests at a time."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._tampered: set[str] = set()
        self._stale: set[str] = set()
        made = json.loads(self._run("tests.faults.people"))
        self.people = [Person(**person) for person in made["people"]]
        self.members = [person for person in self.people if person.token]
        self._rooms = iter(made["rooms"])

    def room(self) -> str:
        """The stream of a room with all `members`, without messages."""
        return f"room:{next(self._rooms)}"

    # ---- processes

    def begin(self) -> None:
        """A new test: what the one before tampered with has to go, unless this one replaces it anyway."""
        self._stale |= self._tampered
        self._tampered.clear()

    def restore(self) -> None:
        """Everything runs, as this test wants it."""
        with ThreadPoolExecutor() as threads:
            starts = [threads.submit(self.restart_web, name) for name in WEBS if self._is_unwell(name)]
            if self._is_unwell("worker"):
                starts.append(threads.submit(self.restart_worker))
        for start in starts:
            start.result()
        if self._is_unwell("beat"):
            self.stack.start_beat()

    def end(self) -> None:
        """Nothing of it is worth a goodbye."""
        for name in list(self.stack.running):
            self.stack.kill(name)

    def restart_web(self, name: str, environment: Mapping[str, str] | None = None) -> None:
        """Starts a web process, in place of the one that runs, perhaps with a fault built in."""
        self._end(name)
        self._note(name, environment)
        self.stack.start_web(name, environment=environment)

    def restart_worker(self, *options: str, environment: Mapping[str, str] | None = None) -> None:
        """The same for the worker; `options` for Celery."""
        self._end("worker")
        self._note("worker", environment or options)
        self.stack.start("worker", [*WORKER, *options], environment=environment)

    def _end(self, name: str) -> None:
        if name in self.stack.running:
            self.stack.kill(name)

    def _is_unwell(self, name: str) -> bool:
        process = self.stack.running.get(name)
        return process is None or process.returncode is not None or name in self._stale

    def _note(self, name: str, tampering: object) -> None:
        self._stale.discard(name)
        if tampering:
            self._tampered.add(name)

    def died(self, name: str) -> bool:
        return self.stack.running[name].returncode is not None

    def socket_url(self, name: str) -> str:
        return self.stack.url(name).replace("http", "ws", 1) + "/ws"

    def script(self, module: str, *arguments: str) -> str:
        """Runs a module inside the installation; what it printed."""
        return self._run(module, *arguments)

    def _run(self, module: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env={**os.environ, **self.stack.environment},
            cwd=BASE,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        return rows(self.stack.database_url, sql, *values)


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
            urls=[self.town.socket_url(name) for name in webs or WEBS],
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

    def has(self, participant: Participant, stream: str, seq: int) -> bool:
        """Whether the event came to that person, on whichever connection, or lies before their time."""
        name = participant.name
        return any(
            (isinstance(one, Received) and (one.client, one.stream, one.seq) == (name, stream, seq))
            or (isinstance(one, Joined) and (one.client, one.stream) == (name, stream) and one.seq >= seq)
            for one in self.history.records
        )

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
        held = stored(self.town.stack.database_url, self.streams)
        violations = check(self.history, held)
        print(f"{len(self.history.records)} records, {raw_duplicates(self.history)} raw duplicates")
        assert not violations, "\n".join(map(str, violations[:20]))
        lost = [one for one in self.history.of(Connected) if not one.recovered]
        assert not lost, "every return resumes: nothing here was trimmed"

    async def close(self) -> None:
        await self._open.aclose()


@asynccontextmanager
async def scene(town: Town, seed: int, evidence: Path, *, rooms: int = 1) -> AsyncIterator[Scene]:
    """Opens a scene in a town where everything runs; a failure leaves its history in `evidence`."""
    town.restore()
    current = Scene(town, [town.room() for _ in range(rooms)], random.Random(seed))
    try:
        yield current
    except BaseException:
        evidence.parent.mkdir(parents=True, exist_ok=True)
        current.history.write(evidence)
        print(f"The history is in {evidence}. Again: FAULTS_SEED={seed}")
        print(town.stack.logs())
        raise
    finally:
        await current.close()


async def killed(town: Town, name: str, *, within_s: float = 10.0) -> float:
    """Waits until the process has died of its failpoint; the moment."""
    await await_until(lambda: town.died(name), f"{name} dies at its failpoint", timeout_s=within_s)
    return asyncio.get_running_loop().time()
