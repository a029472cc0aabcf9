"""People who talk: everybody of a cast online, saying things in their rooms, with a history of all that they saw.

Used by proofs, which break what they talk through, and against a deployment that runs elsewhere.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

from realtime.testing.history import Acked, Closed, Failed, History, Joined, Received
from realtime.testing.participant import Participant

PROBE_SHARE = 0.03
POLL_S = 0.05
CATCH_UP_TIMEOUT_S = 30.0
# What must be refused, and how it is asked for.
WRONG: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("empty text", "chat.message_send", {"text": ""}),
    ("text too long", "chat.message_send", {"text": "x" * 4001}),
    ("client_id too long", "chat.message_send", {"text": "hi", "client_id": "x" * 65}),
    ("foreign room", "chat.message_send", {"room": 2**31, "text": "hi"}),
    ("wrong type", "chat.message_send", {"room": "everywhere", "text": "hi"}),
    ("unknown command", "chat.no_such_command", {}),
)


class Conversation:
    """`cast` is what `manage.py cast` printed; `urls` are where its people may connect."""

    def __init__(self, cast: Any, urls: Sequence[str], *, rng: random.Random, messages_per_s: float) -> None:
        self.history = History()
        self.people: list[Participant] = []
        self.streams: set[str] = set()
        self._rooms_of: dict[str, list[str]] = {}
        self._rng = rng
        for person in cast["people"]:
            if person["token"]:
                self._add(person, cast["rooms"], urls)
        self._talkers = [person for person in self.people if self._rooms_of[person.name]]
        self._pause_s = len(self._talkers) / messages_per_s

    def _add(
        self, person: Mapping[str, Any], rooms: Sequence[Mapping[str, Any]], urls: Sequence[str]
    ) -> None:
        own = [f"room:{room['id']}" for room in rooms if person["id"] in room["members"]]
        streams = [*own, f"user:{person['id']}", "audience:all"]
        self.streams.update(streams)
        self._rooms_of[person["name"]] = own
        self.people.append(
            Participant(
                person["name"],
                urls=self._rng.sample(urls, len(urls)),
                token=person["token"],
                streams=streams,
                history=self.history,
                rng=random.Random(self._rng.random()),  # noqa: S311
            )
        )

    async def enter(self, online: AsyncExitStack) -> None:
        """Everybody connects, and stays until `online` is left."""
        for person in self.people:
            await online.enter_async_context(person)

    def renew(self, cast: Any) -> None:
        """New tokens for the same people, for their next connections."""
        tokens = {person["name"]: person["token"] for person in cast["people"]}
        for person in self.people:
            person.client.token = tokens[person.name]

    @property
    def online(self) -> int:
        return sum(not person.client.ended.is_set() for person in self.people)

    async def talk(self, done: asyncio.Event) -> None:
        """Everybody talks until `done` is set and their last message is acknowledged."""
        async with asyncio.TaskGroup() as tasks:
            for person in self._talkers:
                tasks.create_task(self._talk(person, done))

    async def _talk(self, person: Participant, done: asyncio.Event) -> None:
        rng = random.Random(self._rng.random())  # noqa: S311
        rooms = self._rooms_of[person.name]
        while not done.is_set():
            await person.send(rng.choice(rooms), f"{person.name} at {time.monotonic():.3f}")
            if rng.random() < PROBE_SHARE:
                what, name, args = rng.choice(WRONG)
                room = int(rooms[0].removeprefix("room:"))
                await person.probe(what, name, **{"room": room, **args})
            await asyncio.sleep(rng.uniform(0.5, 1.5) * self._pause_s)

    async def everybody_says_something(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for person in self._talkers:
                tasks.create_task(person.send(self._rooms_of[person.name][0], "in peace"))

    async def catch_up(self, heads: Mapping[str, int]) -> float | None:
        """Until everybody has the last event of each of their streams; how long that took, None where it did not."""
        began = time.monotonic()
        done = await until(lambda: all(_has_all(person, heads) for person in self.people), CATCH_UP_TIMEOUT_S)
        return time.monotonic() - began if done else None

    def heads_seen(self) -> dict[str, int]:
        """The last number of each stream that anybody was sent or told of."""
        heads: dict[str, int] = {}
        for record in self.history.records:
            if isinstance(record, (Acked, Joined, Received)):
                heads[record.stream] = max(record.seq, heads.get(record.stream, 0))
        return heads

    def mishaps(self, since: float, to: float) -> Iterator[str]:
        """What went wrong for anybody in that time."""
        for failed in self.history.of(Failed):
            if since < failed.at < to:
                yield f"{failed.client_id} failed with {failed.code}"
        for closed in self.history.of(Closed):
            if since < closed.at < to:
                yield f"{closed.client} lost its connection"


async def until(condition: Callable[[], bool], within_s: float) -> bool:
    """Waits for the condition; whether it came true in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(POLL_S)
    return True


def _has_all(person: Participant, heads: Mapping[str, int]) -> bool:
    cursors = person.client.cursors
    return all(cursors[stream].get("seq", 0) >= heads.get(stream, 0) for stream in cursors)
