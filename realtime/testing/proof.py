"""One proof: people talk in a topology while a nemesis breaks it; then everything heals, and the checker judges.

    enter -> baseline -> talk, while faults happen -> heal -> catch up -> talk in peace -> leave -> check

`visit` is what is left of it against a deployment that runs elsewhere: no faults, and no look into its database.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

from realtime.testing import checker, nemesis
from realtime.testing.conversation import Conversation, until
from realtime.testing.report import Report, report_of
from realtime.testing.resources import SLACK, in_use
from realtime.testing.stored import rows, stored
from realtime.testing.topology import Keeper, Topology
from realtime.testing.waiting import wait_until

Tell = Callable[[str], None]

CAUGHT_UP_S = 10.0
# A broadcast whose sender died waits for the end of its lease.
BROADCASTS_DONE_S = 45.0
BROADCAST_EVERY_S = 3.0
PROGRESS_EVERY_S = 5.0
# How much longer than planned people talk to reach the number of messages, at most; or for as long again.
GOAL_TIMEOUT_S = 120.0
# Access tokens live for 15 minutes.
NEW_TOKENS_EVERY_S = 600.0


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

    def __init__(self, topology: Topology, keeper: Keeper, plan: Plan, tell: Tell) -> None:
        self._topology = topology
        self._keeper = keeper
        self._plan = plan
        self._note = _stopwatch(tell)
        self._faults = nemesis.plan(plan.seed, plan.faults, duration_s=plan.duration_s, topology=topology)
        self._nemesis = nemesis.Nemesis(nemesis.Field(topology, keeper), self._faults, self._note)

    async def run(self) -> tuple[Report, Conversation]:
        """Also the conversation, with its history."""
        began = time.monotonic()
        cast, broadcasts = await self._cast(), await self._announce()
        urls = [self._topology.socket_url(name) for name in self._topology.webs]
        rng = random.Random(self._plan.seed)  # noqa: S311
        talk = Conversation(cast, urls, rng=rng, messages_per_s=self._plan.messages_per_s)
        async with AsyncExitStack() as online:
            await talk.enter(online)
            self._note(f"{len(talk.people)} people in {len(cast['rooms'])} rooms are online")
            await talk.everybody_says_something()
            before = await asyncio.to_thread(in_use, self._topology)
            await self._talk_under_faults(talk)
            healed_at = time.monotonic()
            caught_up_s = await talk.catch_up(await asyncio.to_thread(self._heads, talk))
            await asyncio.to_thread(self._wait_for_broadcasts)
            calm_at = time.monotonic()
            await talk.everybody_says_something()
            await talk.catch_up(await asyncio.to_thread(self._heads, talk))
            after = await asyncio.to_thread(in_use, self._topology)
            mishaps = list(talk.mishaps(calm_at, time.monotonic()))
        held = await asyncio.to_thread(stored, self._topology.database_url, sorted(talk.streams), broadcasts)
        deaths = self._keeper.deaths
        violations = [
            *checker.check(talk.history, held),
            *checker.calm_again(
                caught_up_s=caught_up_s,
                bound_s=CAUGHT_UP_S,
                failures=mishaps,
                deaths=[one.name for one in deaths if one.at > healed_at],
                hung=self._keeper.hung,
            ),
            *checker.back_to_baseline(before, after, SLACK),
        ]
        report = report_of(
            talk.history,
            violations,
            seed=self._plan.seed,
            seconds=time.monotonic() - began,
            caught_up_s=caught_up_s,
            occurrences=held.occurrences,
            faults=Counter(fault.kind for fault in self._nemesis.done),
            deaths_by_themselves=[f"{one.name} ({one.status})" for one in deaths if not one.planned],
            resources={name: (before[name], after[name]) for name in before},
        )
        return report, talk

    # ---- before

    async def _cast(self) -> Any:
        plan = self._plan
        numbers = ("people", "audience", "rooms", "members")
        words = [word for name in numbers for word in (f"--{name}", str(getattr(plan, name)))]
        return json.loads(await asyncio.to_thread(self._topology.stack.manage, "cast", *words))

    async def _announce(self) -> list[int]:
        """Half to named people, half to everybody; due all the time, the last ones before the end."""
        count = max(1, int(self._plan.duration_s / BROADCAST_EVERY_S / 2))
        when = ("--count", str(count), "--after", "5", "--every", str(2 * BROADCAST_EVERY_S))
        ids: list[int] = []
        for words in (("to people", "--to", "proof-"), ("to everybody",)):
            ids += json.loads(await asyncio.to_thread(self._topology.stack.manage, "announce", *words, *when))
        return ids

    # ---- traffic and faults

    async def _talk_under_faults(self, talk: Conversation) -> None:
        done = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(talk.talk(done))
            others = [
                tasks.create_task(self._tell_progress(talk)),
                tasks.create_task(self._renew_tokens(talk)),
            ]
            began = time.monotonic()
            await self._nemesis.run()
            await asyncio.sleep(max(0.0, began + self._plan.duration_s - time.monotonic()))
            goal_s = max(self._plan.duration_s, GOAL_TIMEOUT_S)
            await until(lambda: talk.history.acknowledged >= self._plan.messages, goal_s)
            done.set()
            for other in others:
                other.cancel()

    async def _tell_progress(self, talk: Conversation) -> None:
        while True:
            await asyncio.sleep(PROGRESS_EVERY_S)
            there = f"{talk.online} of {len(talk.people)} online"
            done = f"{len(self._nemesis.done)} of {len(self._faults)} faults"
            self._note(f"{talk.history.acknowledged:,} acknowledged, {there}, {done}")

    async def _renew_tokens(self, talk: Conversation) -> None:
        while True:
            await asyncio.sleep(NEW_TOKENS_EVERY_S)
            talk.renew(await self._cast())

    # ---- afterwards

    def _heads(self, talk: Conversation) -> dict[str, int]:
        marks = ", ".join("?" * len(talk.streams))
        sql = f"SELECT name, head FROM log_stream WHERE name IN ({marks})"  # noqa: S608  (only ?)
        return dict(rows(self._topology.database_url, sql, *sorted(talk.streams)))

    def _wait_for_broadcasts(self) -> None:
        """Or for as long as they may take; then the checker says which are not."""
        sql = "SELECT count(*) FROM notifications_broadcast WHERE status IN ('scheduled', 'sending')"
        with suppress(AssertionError):
            wait_until(
                lambda: rows(self._topology.database_url, sql) == [(0,)],
                "the broadcasts are out",
                timeout_s=BROADCASTS_DONE_S,
            )


async def visit(url: str, cast: Any, plan: Plan, tell: Tell) -> tuple[Report, Conversation]:
    """The cast talks at `url` for the plan's duration; judged by what all of them together have seen."""
    note = _stopwatch(tell)
    began = time.monotonic()
    rng = random.Random(plan.seed)  # noqa: S311
    talk = Conversation(cast, [url], rng=rng, messages_per_s=plan.messages_per_s)
    done = asyncio.Event()
    async with AsyncExitStack() as online, asyncio.TaskGroup() as tasks:
        await talk.enter(online)
        note(f"{len(talk.people)} people are online")
        talking = tasks.create_task(talk.talk(done))
        while time.monotonic() - began < plan.duration_s:
            await asyncio.sleep(min(PROGRESS_EVERY_S, plan.duration_s))
            note(f"{talk.history.acknowledged:,} acknowledged, {talk.online} online")
        done.set()
        await talking
        caught_up_s = await talk.catch_up(talk.heads_seen())
    violations = [
        *checker.check(talk.history, checker.as_seen(talk.history)),
        *checker.calm_again(caught_up_s=caught_up_s, bound_s=CAUGHT_UP_S),
    ]
    seconds = time.monotonic() - began
    return report_of(talk.history, violations, seed=plan.seed, seconds=seconds, caught_up_s=caught_up_s), talk


def _stopwatch(tell: Tell) -> Tell:
    began = time.monotonic()
    return lambda text: tell(f"{time.monotonic() - began:7.1f} s  {text}")
