"""The world of the leak test: twenty people in rooms that they come into and out of at random, and who may know what.

Each text is a token: the room in which it is said, and a number. Numbers only rise, so that they are the clock too:
whoever left a room at number 40 may know what was said there up to 40, and nothing later until they come back.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from realtime.testing.client import CallFailed, Client, Frame
from realtime.testing.waiting import await_until
from tests.support.pair import Pair, Person

PEOPLE, BOTS, ROOMS = 20, 3, 6
TOKEN = re.compile(r"token-(\d+)-(\d+)")
WORD = "kettle"  # that people listen for, and texts say now and then

_DO = "from tests.support.leak_acts import do\nresult = do(acts)"


def token(room: int, number: int) -> str:
    return f"token-{room}-{number}"


def tokens_in(body: Any) -> Iterator[tuple[int, int]]:
    for room, number in TOKEN.findall(str(body)):
        yield int(room), int(number)


class Truth:
    """Who is in which room now, and what those may know who are not."""

    def __init__(self) -> None:
        self.now = 0
        self.inside: dict[int, set[int]] = {}
        self._left: dict[tuple[int, int], int] = {}
        self._authors: dict[int, int] = {}
        self._elsewhere: dict[int, dict[int, int]] = defaultdict(dict)

    def next(self, author: int = 0) -> int:
        self.now += 1
        self._authors[self.now] = author
        return self.now

    def goes(self, person: int, room: int) -> None:
        self.inside[room].discard(person)
        self._left[person, room] = self.now

    def forwarded(self, number: int, room: int) -> None:
        """What this token says is said in another room too, from now on."""
        self._elsewhere[number].setdefault(room, self.next())

    def may_see(self, person: int, room: int, number: int) -> bool:
        """Whether it is said in a room that they are in."""
        return any(person in self.inside[where] for where in (room, *self._elsewhere.get(number, ())))

    def may_know(self, person: int, room: int, number: int) -> bool:
        """Whether they said it themselves, or were there when it was said, or are now."""
        said_at = {room: number, **self._elsewhere.get(number, {})}
        return (
            self._authors[number] == person
            or self.may_see(person, room, number)
            or any(at <= self._left.get((person, where), 0) for where, at in said_at.items())
        )


class Listener(Client):
    """A socket that judges, frame by frame, what it gets; it keeps none of it."""

    def __init__(self, url: str, person: Person, truth: Truth) -> None:
        super().__init__(url, token=person.token, streams=[f"user:{person.id}"], timeout_s=60.0)
        self.person = person
        self.revoked: set[str] = set()
        self.leaks: list[str] = []
        self.heard = 0
        self.newest: dict[str, int] = {}  # token, by stream
        self._truth = truth

    def _take(self, frame: Frame) -> None:
        if frame["type"] == "event":
            self._judge(frame)
            return
        if frame["type"] == "revoked":
            self.revoked.add(frame["stream"])
        super()._take(frame)
        self.frames.clear()

    def _judge(self, frame: Frame) -> None:
        self.heard += 1
        stream, name = frame["stream"], frame["name"]
        if stream in self.revoked:
            self.leaks.append(f"socket: {name} of {stream} after it was revoked")
        for room, number in tokens_in(frame["data"]):
            if not self._truth.may_know(self.person.id, room, number):
                self.leaks.append(f"socket: {token(room, number)} by {name} on {stream}")
            self.newest[stream] = max(number, self.newest.get(stream, 0))
        if "seq" not in frame:
            return
        cursor = self.cursors[stream]
        if cursor.get("seq") not in (None, frame["seq"] - 1):
            self.leaks.append(f"hole: {stream} went from {cursor['seq']} to {frame['seq']}")
        cursor["seq"] = frame["seq"]

    async def hears(self, stream: str, number: int) -> None:
        await self.until(lambda: self.newest.get(stream, 0) >= number)

    async def loses(self, stream: str) -> None:
        await self.until(lambda: stream in self.revoked)

    async def returns(self, stream: str) -> None:
        """Goes on from where it was, as a page does: what was missed comes as a replay."""
        known = self.cursors.get(stream)
        cursor = None if known is None else {"epoch": known["epoch"], "seq": known["seq"]}

        async def subscribed() -> bool:
            try:
                await self.subscribe(stream, cursor)
            except CallFailed as error:
                # The old subscription is only now being taken away.
                if error.code not in ("already_subscribed", "not_found"):
                    raise
                return False
            return True

        self.revoked.discard(stream)
        await await_until(subscribed, f"{stream} is followed again")


@dataclass
class Message:
    id: int
    room: int
    number: int  # of its token
    deleted: bool = False


@dataclass
class Room:
    """What was said in a room, and what of it has doors of its own."""

    id: int
    messages: list[Message] = field(default_factory=list)
    shared: list[dict[str, Any]] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    told: list[Message] = field(default_factory=list)  # of which somebody is notified

    @property
    def stream(self) -> str:
        return f"room:{self.id}"


class World:
    """The rooms' owner, who orders everything, and twenty people in some of the rooms, of whom three are bots."""

    def __init__(self, pair: Pair, seed: int, burst: int = 15) -> None:
        self.pair, self.burst = pair, burst  # burst: how many messages are sent at once
        self.random, self.truth = random.Random(seed), Truth()
        self.owner = pair.person()
        bots = [Person(**made) for made in self.do([("bot", {"name": f"Bot {n}"}) for n in range(BOTS)])]
        made = [pair.person() for _ in range(PEOPLE - BOTS)]
        tokens = self.do([("log_in", {"person": one.id}) for one in made])
        people = [replace(one, token=token) for one, token in zip(made, tokens, strict=True)]
        self.people = {one.id: one for one in [*people, *bots]}
        self.bots = {one.id for one in bots}
        self.do([("listens_for", {"person": one.id, "word": WORD}) for one in people])
        self.rooms: dict[int, Room] = {}
        self.listeners: dict[int, Listener] = {}
        self.leaks: list[str] = []
        for _ in range(ROOMS):
            members = self.random.sample(sorted(self.people), PEOPLE // 2)
            room = pair.room(self.owner, *(self.people[one] for one in members))
            self.truth.inside[room] = {self.owner.id, *members}
            self.rooms[room] = Room(room)

    def do(self, acts: list[tuple[str, dict[str, Any]]]) -> list[Any]:
        """Has the backstage do these, one after the other; what each returned."""
        done: list[Any] = self.pair.backstage.run(_DO, acts=acts)
        return done

    async def act(self, name: str, **fields: Any) -> Any:
        return (await asyncio.to_thread(self.do, [(name, fields)]))[0]

    def says(self, room: int, author: int = 0) -> str:
        return token(room, self.truth.next(author))

    def outside(self, room: int) -> list[int]:
        return sorted(self.people.keys() - self.truth.inside[room])

    def members(self, room: int) -> list[int]:
        """Without the owner."""
        return sorted(self.truth.inside[room] - {self.owner.id})

    # ---- sockets

    async def listen(self) -> None:
        """Each at one of the two servers."""
        for number, person in enumerate(self.people.values()):
            listener = Listener(self.pair.ws_url("ab"[number % 2]), person, self.truth)
            self.listeners[person.id] = listener
            await listener.connect()
            for room in self.rooms.values():
                if person.id in self.truth.inside[room.id]:
                    await listener.subscribe(room.stream)

    async def close(self) -> None:
        await asyncio.gather(*(listener.close() for listener in self.listeners.values()))

    async def everybody_has_all(self) -> None:
        """Who is in a room has all of it, also what was said while they were outside: it came as a replay."""
        for room in self.rooms.values():
            text = self.says(room.id)
            await self.act("talk", room=room.id, says=[{"author": self.owner.id, "text": text}])
            last = self.truth.now
            for person in self.members(room.id):
                await self.listeners[person].hears(room.stream, last)

    def found(self) -> list[str]:
        """All leaks so far."""
        return [*self.leaks, *(leak for listener in self.listeners.values() for leak in listener.leaks)]

    # ---- a round

    async def round(self) -> None:
        """Some go, and much is said; whoever went has been told so in the end."""
        leaving = self._leave()
        await asyncio.to_thread(self.do, [act for _, _, act in leaving])
        for room in self.random.sample(sorted(self.rooms), 3):
            await self.talk(self.rooms[room])
        await self.random.choice([self.keep, self.forward, self.rename, self.edit, self.edit, self.delete])()
        for person, room, _ in leaving:
            await self.listeners[person].loses(self.rooms[room].stream)

    async def come_back(self) -> None:
        coming = self._come()
        await asyncio.to_thread(self.do, [act for _, _, act in coming])
        await asyncio.gather(
            *(self.listeners[person].returns(self.rooms[room].stream) for person, room, _ in coming)
        )

    def _leave(self) -> list[tuple[int, int, tuple[str, dict[str, Any]]]]:
        acts = []
        for room in self.random.sample(sorted(self.rooms), 2):
            if len(self.members(room)) < 3:
                continue
            person = self.random.choice(self.members(room))
            self.truth.goes(person, room)
            how = self.random.choice(["kick", "ban", "leave"])
            fields = {"owner": self.owner.id, "room": room, "person": person, "how": how}
            acts.append((person, room, ("goes", fields)))
        return acts

    def _come(self) -> list[tuple[int, int, tuple[str, dict[str, Any]]]]:
        acts = []
        for room in self.random.sample(sorted(self.rooms), 2):
            if len(self.outside(room)) < 3:
                continue
            person = self.random.choice(self.outside(room))
            self.truth.inside[room].add(person)
            acts.append((person, room, ("comes", {"owner": self.owner.id, "room": room, "person": person})))
        return acts

    # ---- what happens

    async def talk(self, room: Room) -> None:
        authors = sorted(self.truth.inside[room.id])
        says, numbers = [], []
        for _ in range(self.burst):
            author = self.random.choice(authors)
            text, links = self.says(room.id, author), {}
            numbers.append(self.truth.now)
            chance = self.random.random()
            if chance < 0.01:
                text += f" @{self.random.choice(list(self.people.values())).username}"
            elif chance < 0.015:
                text += f" {WORD}"
            elif chance < 0.03 and room.messages:
                links = {"thread": self.random.choice(room.messages[-100:]).id}
            elif chance < 0.08 and room.messages:
                links = {"quote": self.random.choice(room.messages[-100:]).id}
            says.append({"author": author, "text": text, "links": links, "tells": chance < 0.03})
        ids = await self.act("talk", room=room.id, says=says)
        said = [Message(id, room.id, number) for id, number in zip(ids, numbers, strict=True)]
        room.messages += said
        room.told += [one for one, words in zip(said, says, strict=True) if words["tells"]]

    async def share(self) -> None:
        """An image, a page, a poll and a request to acknowledge, in each room."""
        for room in self.rooms.values():
            author = self.random.choice(self.members(room.id))
            shared = await self.act("share", room=room.id, author=author, text=self.says(room.id, author))
            room.shared.append({**shared, "author": author})
            room.asked += await self.act("ask", room=room.id, author=author, text=self.says(room.id, author))
            for message in (shared["message"], *room.asked[-2:]):
                await self.act("keep", person=author, room=room.id, message=message)

    async def keep(self) -> None:
        message = self._any()
        person = self.random.choice(self.members(message.room))
        await self.act("keep", person=person, room=message.room, message=message.id)

    async def forward(self) -> None:
        message = self._any()
        room = self.random.choice(sorted(self.rooms))
        both = self.truth.inside[message.room] & self.truth.inside[room]
        if room == message.room or message.deleted:
            return
        self.truth.forwarded(message.number, room)
        await self.act("forward", person=self.random.choice(sorted(both)), message=message.id, room=room)

    async def rename(self) -> None:
        room = self.random.choice(sorted(self.rooms))
        await self.act("rename", owner=self.owner.id, room=room, text=self.says(room))

    async def edit(self) -> None:
        told = [message for room in self.rooms.values() for message in room.told[-20:]]
        message = self.random.choice(told) if self.random.random() < 0.5 and told else self._any()
        message.number = self.truth.next()
        await self.act("edit", message=message.id, text=token(message.room, message.number))

    async def delete(self) -> None:
        message = self._any()
        message.deleted = self.random.random() < 0.5
        await self.act("delete", owner=self.owner.id, message=message.id, restores=not message.deleted)

    async def leaves(self, person: int, room: Room) -> None:
        self.truth.goes(person, room.id)
        await self.act("goes", owner=self.owner.id, room=room.id, person=person, how="leave")
        await self.listeners[person].loses(room.stream)

    async def hears_of_edits(self) -> tuple[int, int]:
        """Two messages mention somebody, who is told of one, leaves, and is to know nothing of what they say later.

        Returns whom, and of which room.
        """
        room = self.rooms[self.random.choice([one for one in self.rooms if len(self.members(one)) > 2])]
        person = self.random.choice(self.members(room.id))
        text = f"{self.says(room.id)} @{self.people[person].username}"
        mention = {"room": room.id, "says": [{"author": self.owner.id, "text": text}]}
        (told,) = await self.act("talk", **mention)
        await self.act("tick")
        (untold,) = await self.act("talk", **mention)
        await self.leaves(person, room)
        for message in (told, untold):
            text = f"{self.says(room.id)} @{self.people[person].username}"
            await self.act("edit", message=message, text=text)
        await self.act("tick")
        return person, room.id

    async def switches_off(self, tries: Callable[[Person], Any]) -> None:
        """Somebody is banned from everything or switches the account off, tries to get in, and is let in again."""
        person = self.people[self.random.choice(sorted(self.people.keys() - self.bots))]
        listener = self.listeners[person.id]
        await self.act("switch_off", person=person.id, how=self.random.choice(["ban", "off"]))
        await listener.closed()
        await tries(person)
        renewed = replace(person, token=await self.act("switch_on", person=person.id))
        self.people[person.id] = listener.person = renewed
        listener.token = renewed.token
        welcome = await listener.connect()
        self._judge_resumed(person.id, welcome)

    def _judge_resumed(self, person: int, welcome: Frame) -> None:
        """With the cursors of all rooms in which they ever were."""
        for state in welcome["streams"]:
            kind, _, key = state["stream"].partition(":")
            if kind == "room" and ("error" in state) == (person in self.truth.inside[int(key)]):
                self.leaks.append(f"returning: {state}")

    def _any(self) -> Message:
        room = self.random.choice([one for one in self.rooms.values() if one.messages])
        return self.random.choice(room.messages[-500:])
