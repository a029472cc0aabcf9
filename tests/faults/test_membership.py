"""People are kicked, leave and are invited back while everybody talks: nobody hears what is not theirs."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from realtime.testing.client import CallFailed, Client, Frame
from realtime.testing.nemesis import seed_of_this_run
from realtime.testing.waiting import await_until
from tests.faults.crowds import UNPROTECTED, Crowds
from tests.faults.town import mutation
from tests.support.pair import Person

pytestmark = pytest.mark.faults

OPERATIONS = 500 * int(os.environ.get("FAULTS_SCALE", "1"))
MEMBERS = 8
REVOKED_WITHIN_S = 1.0
TALK_EVERY_S = 0.02


class Witness(Client):
    """A client that knows when each event of the room came."""

    def __init__(self, url: str, *, token: str, stream: str) -> None:
        super().__init__(url, token=token, streams=[stream])
        self.stream = stream
        self.receipts: list[tuple[int, float]] = []

    def _take(self, frame: Frame) -> None:
        if frame["type"] == "event" and frame["stream"] == self.stream and "seq" in frame:
            self.receipts.append((frame["seq"], time.monotonic()))
        super()._take(frame)


@dataclass(frozen=True)
class Outside:
    """From the answer that somebody is out, to the request that brings them back."""

    since: float
    until: float


async def test_nobody_hears_a_room_while_outside_and_everybody_hears_all_of_it_inside(
    crowds: Crowds,
) -> None:
    await crowds.have("a", "b")
    room = await Room.open(crowds, "ab")
    async with room.busy():
        count = OPERATIONS // (2 * MEMBERS)
        outsides = await asyncio.gather(*(room.comes_and_goes(member, count) for member in room.members))
    await room.everybody_has_all()
    long_enough = 0
    for member, times in zip(room.members, outsides, strict=True):
        assert not heard_outside(member.receipts, times)
        long_enough += sum(one.until - one.since > REVOKED_WITHIN_S for one in times)
    assert long_enough >= MEMBERS, "some were outside for longer than their rights may last"
    (name,) = crowds.pair.backstage.run(
        "from chat.models import Room\nresult = [Room.objects.get(pk=room).name]", room=room.id
    )
    renames = [one for one in room.owner.events if one["name"] == "chat.room_changed"]
    assert renames[-1]["data"]["name"] == name
    print(f"{sum(map(len, outsides)) * 2} comings and goings, {len(renames)} renames, {room.said} messages")
    await room.close()


@mutation
async def test_without_revocation_the_kicked_would_hear_on(crowds: Crowds) -> None:
    """The mutation: processes that do not listen when access ends."""
    await crowds.have(UNPROTECTED, "b")
    room = await Room.open(crowds, [UNPROTECTED])
    async with room.busy():
        since = await room.goes(kicked := room.members[0], kicked=True)
        await await_until(
            lambda: heard_outside(kicked.receipts, [Outside(since, time.monotonic())]),
            "the kicked one hears on",
        )
    await room.close()


def heard_outside(receipts: list[tuple[int, float]], times: list[Outside]) -> list[int]:
    """The events that came to somebody who had been outside for longer than rights may last."""
    return [
        seq for seq, at in receipts if any(one.since + REVOKED_WITHIN_S < at < one.until for one in times)
    ]


class Room:
    """A private room: the owner on `b` talks and renames, the members come and go elsewhere too."""

    def __init__(self, id: int, owner: Client, people: list[Person], members: list[Witness]) -> None:
        self.id = id
        self.owner = owner
        self.members = members
        self.said = 0
        self._users = dict(zip(members, people, strict=True))
        self._head = 0
        self._rng = random.Random(seed_of_this_run())

    @classmethod
    async def open(cls, crowds: Crowds, names: Iterable[str]) -> Room:
        pair = crowds.pair
        ann, *people = [pair.person() for _ in range(MEMBERS + 1)]
        id = pair.room(ann, *people)
        stream = f"room:{id}"
        owner = pair.client(ann, "b", stream)
        members = [
            Witness(pair.ws_url(name), token=person.token, stream=stream)
            for person, name in zip(people, itertools.cycle(names), strict=False)
        ]
        await asyncio.gather(owner.connect(), *(member.connect() for member in members))
        return cls(id, owner, people, members)

    async def close(self) -> None:
        await asyncio.gather(self.owner.close(), *(member.close() for member in self.members))

    @asynccontextmanager
    async def busy(self) -> AsyncIterator[None]:
        """Inside, the owner talks and renames."""
        done = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._talk(done))
            tasks.create_task(self._rename(done))
            try:
                yield
            finally:
                done.set()

    async def _talk(self, done: asyncio.Event) -> None:
        while not done.is_set():
            sent = await self.owner.call("chat.message_send", room=self.id, text=f"the {self.said}th")
            self.said += 1
            self._head = sent["seq"]
            await asyncio.sleep(TALK_EVERY_S)

    async def _rename(self, done: asyncio.Event) -> None:
        for number in itertools.takewhile(lambda _: not done.is_set(), itertools.count()):
            await self.owner.call("chat.room_change", room=self.id, name=f"Room {self.id} {number}", topic="")
            await asyncio.sleep(0.2)

    async def comes_and_goes(self, member: Witness, count: int) -> list[Outside]:
        """`count` times out and in again; now and then for longer than rights may last."""
        return [
            await self.leaves(
                member,
                kicked=self._rng.random() < 0.7,
                for_s=REVOKED_WITHIN_S + 0.3 if turn == count // 2 else self._rng.uniform(0, 0.05),
            )
            for turn in range(count)
        ]

    async def leaves(self, member: Witness, *, kicked: bool, for_s: float) -> Outside:
        """Out, tries to listen all the same, and is invited back; goes on from the last event that came."""
        since = await self.goes(member, kicked=kicked)
        await self._is_refused(member)
        await asyncio.sleep(for_s)
        until = time.monotonic()
        await self.owner.call("chat.room_invite", room=self.id, user=self._users[member].id)
        await self._listens_again(member)
        return Outside(since, until)

    async def goes(self, member: Witness, *, kicked: bool) -> float:
        """Out, of their own will or not; the moment of the answer."""
        if kicked:
            await self.owner.call("chat.room_kick", room=self.id, user=self._users[member].id)
        else:
            await member.call("chat.room_leave", room=self.id)
        return time.monotonic()

    async def _is_refused(self, member: Witness) -> None:
        """Neither history nor what is new, with the cursor that was good a moment ago."""
        cursor = dict(member.cursors[member.stream])
        with pytest.raises(CallFailed) as caught:
            await member.request("subscribe", **cursor)
        # Where the notice has not come yet, the socket still follows the stream; within a second it does not.
        assert caught.value.code in ("not_found", "already_subscribed")

    async def _listens_again(self, member: Witness) -> None:
        async def subscribed() -> bool:
            try:
                state = await member.request("subscribe", **member.cursors[member.stream])
            except CallFailed:  # the notice of the kick comes only now, and takes the stream away
                return False
            return bool(state["result"]["recovered"])

        await await_until(subscribed, "they are back")

    async def everybody_has_all(self) -> None:
        for member in self.members:
            await member.until(lambda member=member: member.receipts and member.receipts[-1][0] >= self._head)
            # Who asks with a cursor older than what is on its way gets that again; every client leaves it out.
            news = list(dict.fromkeys(itertools.accumulate((seq for seq, _ in member.receipts), max)))
            assert news == list(range(news[0], news[-1] + 1))
