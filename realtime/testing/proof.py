"""One proof: people talk in a topology while a nemesis breaks it; then everything heals, and the checker judges.

    enter -> baseline -> talk, while faults happen -> heal -> catch up -> talk in peace -> leave -> check

Knows people and rooms by `manage.py cast`, and due work by `manage.py announce`.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

from realtime.testing import checker, nemesis
from realtime.testing.history import Acked, Closed, Connected, Failed, History, Probed, Received
from realtime.testing.participant import Participant
from realtime.testing.report import Report, percentiles
from realtime.testing.resources import SLACK, in_use
from realtime.testing.stored import rows, stored
from realtime.testing.topology import Keeper, Topology
from realtime.testing.waiting import wait_until

CAUGHT_UP_S = 10.0
# A broadcast whose sender died waits for the end of its lease.
BROADCASTS_DONE_S = 45.0
BROADCAST_EVERY_S = 3.0
PROGRESS_EVERY_S = 5.0
# Access tokens live for 15 minutes.
NEW_TOKENS_EVERY_S = 600.0
PROBE_SHARE = 0.03
POLL_S = 0.05
WRONG: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("empty text", "chat.message_send", {"text": ""}),
    ("text too long", "chat.message_send", {"text": "x" * 4001}),
    ("client_id too long", "chat.message_send", {"text": "hi", "client_id": "x" * 65}),
    ("foreign room", "chat.message_send", {"room": 2**31, "text": "hi"}),
    ("wrong type", "chat.message_send", {"room": "everywhere", "text": "hi"}),
    ("unknown command", "chat.no_such_command", {}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be proved. `faults` counts per kind; `messages` is a goal that may take longer than `duration_s`."""

    seed: int
    duration_s: float
    faults: Mapping[str, int] = field(default_factory=dict)
    messages: int = 0
    people: int = 24
    audience: int = 40
    rooms: int = 8
    members: int = 6
    messages_per_s: float = 60.0


class Proof:
    """One run of one plan."""

    def __init__(self, topology: Topology, keeper: Keeper, plan: Plan, tell: Callable[[str], None]) -> None:
        self.history = History()
        self._topology = topology
        self._keeper = keeper
        self._plan = plan
        self._tell = tell
        self._rng = random.Random(plan.seed)  # noqa: S311
        self._faults = nemesis.plan(plan.seed, plan.faults, duration_s=plan.duration_s, topology=topology)
        self._nemesis = nemesis.Nemesis(nemesis.Field(topology, keeper), self._faults, self._note)
        self._people: list[Participant] = []
        self._rooms_of: dict[str, list[str]] = {}
        self._streams: set[str] = set()
        self._broadcasts: list[int] = []
        self._stopping = asyncio.Event()
        self._began = time.monotonic()

    async def run(self) -> Report:
        async with AsyncExitStack() as online:
            await self._enter(online)
            await self._everybody_says_something()
            before = await asyncio.to_thread(in_use, self._topology)
            await self._talk_under_faults()
            healed_at = time.monotonic()
            caught_up_s = await self._catch_up()
            await self._until_broadcasts_are_done()
            calm_at = time.monotonic()
            await self._everybody_says_something()
            await self._catch_up()
            after = await asyncio.to_thread(in_use, self._topology)
            calm_until = time.monotonic()
        held = await asyncio.to_thread(
            stored, self._topology.database_url, sorted(self._streams), self._broadcasts
        )
        violations = [
            *checker.check(self.history, held),
            *checker.calm_again(
                caught_up_s=caught_up_s,
                bound_s=CAUGHT_UP_S,
                failures=list(self._failures(calm_at, calm_until)),
                deaths=[one.name for one in self._keeper.deaths if one.at > healed_at],
            ),
            *checker.back_to_baseline(before, after, SLACK),
        ]
        return self._report(violations, held, caught_up_s=caught_up_s, before=before, after=after)

    # ---- people

    async def _enter(self, online: AsyncExitStack) -> None:
        cast = await self._cast()
        await self._announce()
        for person in cast["people"]:
            if person["token"]:
                await online.enter_async_context(self._participant(person, cast["rooms"]))
        renewing = asyncio.create_task(self._renew_tokens())
        online.callback(renewing.cancel)
        self._note(f"{len(self._people)} people in {len(cast['rooms'])} rooms are online")

    async def _cast(self) -> Any:
        plan = self._plan
        numbers = ("people", "audience", "rooms", "members")
        words = [word for name in numbers for word in (f"--{name}", str(getattr(plan, name)))]
        return json.loads(await asyncio.to_thread(self._topology.stack.manage, "cast", *words))

    async def _announce(self) -> None:
        """Half to named people, half to everybody; due all the time, the last ones before the end."""
        count = max(1, int(self._plan.duration_s / BROADCAST_EVERY_S / 2))
        when = ("--count", str(count), "--after", "5", "--every", str(2 * BROADCAST_EVERY_S))
        for words in (("to people", "--to", "proof-"), ("to everybody",)):
            printed = await asyncio.to_thread(self._topology.stack.manage, "announce", *words, *when)
            self._broadcasts += json.loads(printed)

    def _participant(self, person: Mapping[str, Any], rooms: Sequence[Mapping[str, Any]]) -> Participant:
        own = [f"room:{room['id']}" for room in rooms if person["id"] in room["members"]]
        streams = [*own, f"user:{person['id']}", "audience:all"]
        self._streams.update(streams)
        self._rooms_of[person["name"]] = own
        urls = [self._topology.socket_url(name) for name in self._topology.webs]
        self._rng.shuffle(urls)
        participant = Participant(
            person["name"],
            urls=urls,
            token=person["token"],
            streams=streams,
            history=self.history,
            rng=random.Random(self._rng.random()),  # noqa: S311
        )
        self._people.append(participant)
        return participant

    async def _renew_tokens(self) -> None:
        while True:
            await asyncio.sleep(NEW_TOKENS_EVERY_S)
            cast = await self._cast()
            tokens = {person["name"]: person["token"] for person in cast["people"]}
            for participant in self._people:
                participant.client.token = tokens[participant.name]

    # ---- traffic and faults

    async def _talk_under_faults(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for person in self._people:
                tasks.create_task(self._talk(person))
            reporting = tasks.create_task(self._tell_progress())
            began = time.monotonic()
            await self._nemesis.run()
            await asyncio.sleep(max(0.0, began + self._plan.duration_s - time.monotonic()))
            await self._until(lambda: self.history.acknowledged >= self._plan.messages, self._plan.duration_s)
            self._stopping.set()
            reporting.cancel()

    async def _talk(self, person: Participant) -> None:
        rng = random.Random(self._rng.random())  # noqa: S311
        pause_s = len(self._talkers()) / self._plan.messages_per_s
        rooms = self._rooms_of[person.name]
        while rooms and not self._stopping.is_set():
            await person.send(rng.choice(rooms), f"{person.name} at {time.monotonic():.3f}")
            if rng.random() < PROBE_SHARE:
                what, name, args = rng.choice(WRONG)
                room = int(rooms[0].removeprefix("room:"))
                await person.probe(what, name, **{"room": room, **args})
            await asyncio.sleep(rng.uniform(0.5, 1.5) * pause_s)

    def _talkers(self) -> list[Participant]:
        return [person for person in self._people if self._rooms_of[person.name]]

    async def _everybody_says_something(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for person in self._talkers():
                tasks.create_task(person.send(self._rooms_of[person.name][0], "in peace"))

    async def _catch_up(self) -> float | None:
        """Until everybody has the last event of each of their streams; how long that took."""
        began = time.monotonic()
        marks = ", ".join("?" * len(self._streams))
        heads = dict(
            await asyncio.to_thread(
                rows,
                self._topology.database_url,
                f"SELECT name, head FROM log_stream WHERE name IN ({marks})",  # noqa: S608  (only ?)
                *sorted(self._streams),
            )
        )
        done = await self._until(lambda: all(self._has_all(person, heads) for person in self._people), 30.0)
        return time.monotonic() - began if done else None

    @staticmethod
    def _has_all(person: Participant, heads: Mapping[str, int]) -> bool:
        cursors = person.client.cursors
        return all(cursors[stream].get("seq", 0) >= heads.get(stream, 0) for stream in cursors)

    async def _until_broadcasts_are_done(self) -> None:
        """Or for as long as they may take; then the checker says which are not."""
        await asyncio.to_thread(self._wait_for_broadcasts)

    def _wait_for_broadcasts(self) -> None:
        sql = "SELECT count(*) FROM notifications_broadcast WHERE status IN ('scheduled', 'sending')"
        with suppress(AssertionError):
            wait_until(
                lambda: rows(self._topology.database_url, sql) == [(0,)],
                "the broadcasts are out",
                timeout_s=BROADCASTS_DONE_S,
            )

    async def _until(self, condition: Callable[[], bool], within_s: float) -> bool:
        deadline = time.monotonic() + within_s
        while not condition():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(POLL_S)
        return True

    # ---- what came of it

    def _note(self, text: str) -> None:
        self._tell(f"{time.monotonic() - self._began:7.1f} s  {text}")

    async def _tell_progress(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_EVERY_S)
            there = sum(not person.client.ended.is_set() for person in self._people)
            done = f"{len(self._nemesis.done)} of {len(self._faults)} faults"
            self._note(
                f"{self.history.acknowledged:,} acknowledged, {there} of {len(self._people)} online, {done}"
            )

    def _failures(self, since: float, until: float) -> Iterator[str]:
        for failed in self.history.of(Failed):
            if since < failed.at < until:
                yield f"{failed.client_id} failed with {failed.code}"
        for closed in self.history.of(Closed):
            if since < closed.at < until:
                yield f"{closed.client} lost its connection"

    def _report(
        self,
        violations: Sequence[checker.Violation],
        held: checker.Stored,
        *,
        caught_up_s: float | None,
        before: Mapping[str, float],
        after: Mapping[str, float],
    ) -> Report:
        acks = list(self.history.of(Acked))
        faults: dict[str, int] = {}
        for fault in self._nemesis.done:
            faults[fault.kind] = faults.get(fault.kind, 0) + 1
        return Report(
            seed=self._plan.seed,
            seconds=round(time.monotonic() - self._began, 1),
            acknowledged=len(acks),
            attempts_failed=sum(1 for _ in self.history.of(Failed)),
            received=sum(1 for _ in self.history.of(Received)),
            raw_duplicates=checker.raw_duplicates(self.history),
            probes=sum(1 for _ in self.history.of(Probed)),
            occurrences=len(held.occurrences),
            faults=faults,
            deaths_by_themselves=[
                f"{one.name} ({one.status})" for one in self._keeper.deaths if not one.planned
            ],
            caught_up_s=caught_up_s,
            ack_ms=percentiles(1000 * (ack.at - ack.began_at) for ack in acks),
            reconnect_s=percentiles(self._reconnects()),
            broadcast_late_s=percentiles(one.late_s for one in held.occurrences if one.late_s is not None),
            resources={name: (before[name], after[name]) for name in before},
            violations={
                name: [one.text for one in violations if one.invariant == name] for name in checker.INVARIANTS
            },
        )

    def _reconnects(self) -> Iterator[float]:
        """From the end of each connection to the welcome on the next."""
        gone: dict[str, float] = {}
        for record in self.history.records:
            if isinstance(record, Closed):
                gone[record.client] = record.at
            elif isinstance(record, Connected) and record.client in gone:
                yield record.at - gone.pop(record.client)
