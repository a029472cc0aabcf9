"""Twenty people in rooms that they come into and out of at random, while everything happens in them: not one payload
reaches anybody who is not a member at that moment, over sockets of two servers, by history, or by any other read.

LEAK_EVENTS says how many events (5,000 unless set; 100,000 for a proof). The seed is printed; LEAK_SEED repeats a run.
What may show a message elsewhere is a probe: whoever adds such a place adds a line to PROBES.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from realtime.testing.client import CallFailed, Client, Frame
from realtime.testing.waiting import await_until
from tests.support.pair import Pair, Person

EVENTS = int(os.environ.get("LEAK_EVENTS", "1000"))
SEED = int(os.environ.get("LEAK_SEED", random.randrange(2**32)))
PEOPLE, ROOMS, BURST = 20, 6, 30
# What a message says: which one it is, and of which room.
TOKEN = re.compile(r"token-(\d+)-(\d+)")

_ACT = """
from uuid import uuid4
from accounts.models import User
from chat import amending, services
from chat.models import Member, Message, Room
from chat.moderation import services as order
from chat.sending import Send, message_send_many
users = User.objects.in_bulk([owner, *([person] if person else [])])
new = lambda: uuid4().hex
if act == "talk":
    authors = User.objects.in_bulk([author for author, *_ in says])
    sent = message_send_many([Send(authors[author], room, text, new()) for author, room, text in says])
    result = [one.message for one in sent]
elif act == "amend":
    found = Message.objects.select_related("author").filter(pk=message, deleted_at=None).first()
    if found is not None:
        if Member.objects.filter(room=found.room_id, user=found.author).exists():
            text = found.text + " edited"
            amending.message_edit(user=found.author, message=found.pk, text=text, client_id=new())
        if deletes:
            amending.message_delete(user=users[owner], message=found.pk, client_id=new())
            amending.message_restore(user=users[owner], message=found.pk, client_id=new())
    result = None
elif act == "rename":
    services.room_change(user=users[owner], room=room, name=None, topic=text, client_id=new())
    result = None
elif act == "kick":
    services.room_kick(user=users[owner], room=room, kicked=person, client_id=new())
    result = None
elif act == "ban":
    order.member_ban(user=users[owner], room=room, banned=person, until=None, reason="", client_id=new())
    result = None
elif act == "leave":
    services.room_leave(user=users[person], room=room, client_id=new())
    result = None
elif act == "return":
    from chat.models import RoomBan
    if RoomBan.objects.filter(room=room, user=person).exists():
        order.ban_lift(user=users[owner], room=room, banned=person, client_id=new())
    services.room_invite(user=users[owner], room=room, invited=person, client_id=new())
    result = None
"""

_COUNT = """
from realtime.log.models import Event
result = Event.objects.filter(stream__in=streams, seq__isnull=False).count()
"""


class Listener(Client):
    """A socket that knows, frame by frame, which rooms its person is in, as far as it was told."""

    def __init__(self, url: str, person: Person) -> None:
        super().__init__(url, token=person.token, streams=[f"user:{person.id}"], timeout_s=30.0)
        self.person = person
        self.outside: set[str] = set()
        self.leaks: list[str] = []
        self.heard = 0

    def _take(self, frame: Frame) -> None:
        if frame["type"] == "revoked":
            self.outside.add(frame["stream"])
        elif frame["type"] == "event":
            self.heard += 1
            if frame["stream"] in self.outside:
                self.leaks.append(f"an event of {frame['stream']}")
            for room, number in TOKEN.findall(str(frame["data"])):
                if f"room:{room}" in self.outside and frame["name"] != "chat.room_added":
                    self.leaks.append(f"message {number} of room {room} by {frame['name']}")
        super()._take(frame)

    async def returns(self, stream: str) -> None:
        """Goes on from where it was, as a page does: what was missed comes as a replay."""
        self.outside.discard(stream)
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

        await await_until(subscribed, f"{stream} is followed again")


Probe = Callable[["World", Person, int, int], Awaitable[Any]]


async def by_history(world: World, person: Person, room: int, message: int) -> Any:
    return await world.pair.http("GET", f"/api/rooms/{room}/messages?limit=200", person=person)


async def by_members(world: World, person: Person, room: int, message: int) -> Any:
    return await world.pair.http("GET", f"/api/rooms/{room}/members", person=person, name="b")


async def by_versions(world: World, person: Person, room: int, message: int) -> Any:
    return await world.pair.http("GET", f"/api/messages/{message}/history", person=person)


async def by_snapshot(world: World, person: Person, room: int, message: int) -> Any:
    return await world.pair.http("GET", "/api/snapshot", person=person)


async def by_editing(world: World, person: Person, room: int, message: int) -> Any:
    body = {"client_id": f"probe-{world.next()}", "text": "mine"}
    return await world.pair.http("PATCH", f"/api/messages/{message}", person=person, body=body)


async def by_deleting(world: World, person: Person, room: int, message: int) -> Any:
    path = f"/api/messages/{message}?client_id=probe-{world.next()}"
    return await world.pair.http("DELETE", path, person=person)


async def by_reporting(world: World, person: Person, room: int, message: int) -> Any:
    body = {"client_id": f"probe-{world.next()}", "message": message, "why": "spam"}
    return await world.pair.http("POST", "/api/reports", person=person, body=body)


async def by_a_moderators_queue(world: World, person: Person, room: int, message: int) -> Any:
    return await world.pair.http("GET", f"/api/moderation/reports?state=closed&room={room}", person=person)


async def by_export(world: World, person: Person, room: int, message: int) -> Any:
    body = {"client_id": f"probe-{world.next()}"}
    return await world.pair.http("POST", f"/api/rooms/{room}/export", person=person, body=body)


async def by_reminder(world: World, person: Person, room: int, message: int) -> Any:
    body = {
        "client_id": f"probe-{world.next()}",
        "about": f"message:{message}",
        "at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    }
    return await world.pair.http("POST", "/api/reminders", person=person, body=body)


async def by_replay(world: World, person: Person, room: int, message: int) -> Any:
    """A second socket, with the cursor of before everything."""
    stream = f"room:{room}"
    async with Client(world.pair.ws_url("b"), token=person.token) as client:
        await client.call("jobs.list")
        try:
            answer = await client.request("subscribe", stream=stream)
        except CallFailed as error:
            return 404, error.frame
        return 200, [answer, *client.events]


PROBES: list[Probe] = [
    by_history,
    by_members,
    by_versions,
    by_snapshot,
    by_editing,
    by_deleting,
    by_reporting,
    by_a_moderators_queue,
    by_export,
    by_reminder,
    by_replay,
]
# These answer with what is one's own, whoever asks.
ALWAYS_ANSWERED = {by_snapshot, by_a_moderators_queue}


class World:
    """The rooms' owner, who does everything, and twenty people who are in some of the rooms."""

    def __init__(self, pair: Pair) -> None:
        self.pair, self.random = pair, random.Random(SEED)
        self.owner = pair.person()
        self.people = [pair.person() for _ in range(PEOPLE)]
        self.inside: dict[int, set[int]] = {}
        self.listeners: dict[int, Listener] = {}
        self.messages: dict[int, list[int]] = {}
        self.probed = 0
        self._numbers = 0
        for _ in range(ROOMS):
            members = self.random.sample(self.people, PEOPLE // 2)
            room = pair.room(self.owner, *members)
            self.inside[room], self.messages[room] = {one.id for one in members}, []

    def next(self) -> int:
        self._numbers += 1
        return self._numbers

    async def act(self, act: str, room: int, person: int = 0, **more: Any) -> Any:
        values = {"says": [], "message": 0, "deletes": False, "text": "", **more}
        run = self.pair.backstage.run
        return await asyncio.to_thread(
            run, _ACT, act=act, owner=self.owner.id, room=room, person=person, **values
        )

    async def listen(self, person: Person, name: str) -> Listener:
        listener = self.listeners[person.id] = Listener(self.pair.ws_url(name), person)
        await listener.connect()
        for room, members in self.inside.items():
            stream = f"room:{room}"
            if person.id in members:
                await listener.subscribe(stream)
            else:
                listener.outside.add(stream)
        return listener

    async def talk(self, room: int) -> None:
        authors = [self.owner.id, *sorted(self.inside[room])]
        says = [(self.random.choice(authors), room, f"token-{room}-{self.next()}") for _ in range(BURST)]
        self.messages[room] += await self.act("talk", room, says=says)

    async def goes(self, room: int) -> None:
        """Somebody is no longer in the room; from the notice on, nothing of it may come."""
        person = self.random.choice(sorted(self.inside[room]))
        self.inside[room].discard(person)
        await self.act(self.random.choice(["kick", "ban", "leave"]), room, person)
        listener = self.listeners[person]
        await listener.until(lambda: f"room:{room}" in listener.outside)

    async def comes(self, room: int) -> None:
        outside = sorted({one.id for one in self.people} - self.inside[room])
        person = self.random.choice(outside)
        await self.act("return", room, person)
        self.inside[room].add(person)
        await self.listeners[person].returns(f"room:{room}")

    async def amend(self, room: int) -> None:
        if self.messages[room]:
            message = self.random.choice(self.messages[room])
            await self.act("amend", room, message=message, deletes=self.random.random() < 0.5)

    async def rename(self, room: int) -> None:
        await self.act("rename", room, text=f"token-{room}-{self.next()}")

    async def probe(self, room: int) -> None:
        """Somebody who is outside tries a way in."""
        outside = [one for one in self.people if one.id not in self.inside[room]]
        if not outside or not self.messages[room]:
            return
        probe, person = self.random.choice(PROBES), self.random.choice(outside)
        status, body = await probe(self, person, room, self.random.choice(self.messages[room]))
        self.probed += 1
        assert TOKEN.search(str(body)) is None or not _tells_of(room, body), (probe.__name__, body)
        if probe not in ALWAYS_ANSWERED:
            assert status == 404, (probe.__name__, status, body)


def _tells_of(room: int, body: Any) -> bool:
    return any(int(found) == room for found, _ in TOKEN.findall(str(body)))


@pytest.mark.timeout(300 + EVENTS // 20)
async def test_nothing_of_a_room_reaches_anybody_who_is_not_in_it(pair: Pair) -> None:
    print(f"LEAK_SEED={SEED} LEAK_EVENTS={EVENTS}")
    world = await asyncio.to_thread(World, pair)
    streams = [f"room:{room}" for room in world.inside]
    async with AsyncExitStack() as open_sockets:
        for number, person in enumerate(world.people):
            listener = await world.listen(person, "ab"[number % 2])
            open_sockets.push_async_callback(listener.close)
        steps = (
            [world.talk] * 4 + [world.goes] * 3 + [world.comes] * 3 + [world.amend] * 2 + [world.probe] * 4
        )
        happened = 0
        while happened < EVENTS:
            for _ in range(20):
                room = world.random.choice(list(world.inside))
                step = world.random.choice([*steps, world.rename])
                if step == world.goes and len(world.inside[room]) < 3:
                    step = world.comes
                if step == world.comes and len(world.inside[room]) == PEOPLE:
                    step = world.goes
                await step(room)
            happened = await asyncio.to_thread(pair.backstage.run, _COUNT, streams=streams)
        await everybody_has_all(world)
        heard = sum(listener.heard for listener in world.listeners.values())
        leaks = [leak for listener in world.listeners.values() for leak in listener.leaks]
        print(f"{happened} events, {heard} deliveries, {world.probed} probes, {len(leaks)} leaks")
        assert leaks == []
        assert heard > happened
        assert world.probed > 0


async def everybody_has_all(world: World) -> None:
    """Who is in a room has all of it, also what was said while they were outside: it came as a replay."""
    last = {room: f"token-{room}-{world.next()}" for room in world.inside}
    for room, text in last.items():
        await world.act("talk", room, says=[(world.owner.id, room, text)])
    for room, members in world.inside.items():
        for person in members:
            listener = world.listeners[person]
            stream = f"room:{room}"
            await listener.until(
                lambda listener=listener, text=last[room]: any(
                    text in str(one["data"]) for one in listener.events[-200:]
                )
            )
            seqs = listener.seqs(stream)
            assert seqs == list(range(seqs[0], seqs[-1] + 1))
