"""Mentions through real servers, a beat and workers: everybody once, whoever dies; @here is who is online anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from realtime.testing.waiting import await_until
from tests.support.pair import Pair
from tests.support.people import client_id

WITHIN_S = 60.0

_CROWD = """
from accounts.models import User
from chat.models import Member, Room
names = [f"crowd{n}" for n in range(count)]
User.objects.bulk_create(User(username=name, display_name=name, password="!") for name in names)
users = User.objects.filter(username__in=names)
Member.objects.bulk_create(Member(room_id=room, user=user) for user in users)
Room.objects.filter(pk=room).update(member_count=Member.objects.filter(room=room).count())
result = len(names)
"""

_TOLD = """
from django.db.models import Count
from chat.models import Untold
from notifications.models import Batch, InboxState, Notification
lines = Notification.objects.filter(type="chat.mention", group=f"room:{room}")
result = {"lines": lines.count(), "people": lines.values("recipient").distinct().count(),
          "left": Untold.objects.count() + Batch.objects.count(),
          "unread": InboxState.objects.filter(user__in=lines.values("recipient"), unread=1).count()}
"""


async def told(pair: Pair, room: int) -> dict[str, Any]:
    return dict(await asyncio.to_thread(pair.backstage.run, _TOLD, room=room))


async def say(pair: Pair, author: Any, room: int, text: str, name: str = "a") -> tuple[int, Any]:
    body = {"client_id": client_id(), "text": text}
    return await pair.http("POST", f"/api/rooms/{room}/messages", person=author, name=name, body=body)


@pytest.fixture
def site(fragile_pair: Pair) -> Iterator[Pair]:
    """With a beat; each test starts its workers."""
    fragile_pair.stack.start_beat("mentions-beat")
    yield fragile_pair
    for name in {"mentions-beat", "mentions-worker", "mentions-web"} & fragile_pair.stack.running.keys():
        fragile_pair.stack.kill(name)


async def test_everybody_in_a_large_room_is_told_once_though_the_server_and_a_worker_die(site: Pair) -> None:
    ada, bo = site.person(), site.person()
    room = site.room(ada, bo)
    site.backstage.run(_CROWD, room=room, count=1200)
    # What starts processes goes to threads: a client that answers no ping for a while is hung up on.
    async with site.client(bo, "b", f"user:{bo.id}", timeout_s=WITHIN_S) as phone:
        # Dies when the message is committed, and has told nobody.
        dies = {"REALTIME_FAILPOINT": "numbered"}
        await asyncio.to_thread(site.stack.start_web, "mentions-web", environment=dies)
        with pytest.raises(ConnectionError):
            await say(site, ada, room, "@room: tea", "mentions-web")
        # Dies when everything is written, and nothing is committed.
        doomed = site.stack.launch_worker(
            "mentions-worker", "--pool", "solo", environment={"REALTIME_FAILPOINT": "told"}
        )
        await await_until(lambda: doomed.returncode is not None, "the worker dies", timeout_s=WITHIN_S)
        assert (await told(site, room))["lines"] == 0

        site.stack.running.pop("mentions-worker")
        await asyncio.to_thread(site.stack.start_worker, "mentions-worker")

        async def all_are_told() -> bool:
            figures = await told(site, room)
            return bool(figures["lines"]) and not figures["left"]

        await await_until(all_are_told, "everybody is told", timeout_s=WITHIN_S)
        assert await told(site, room) == {"lines": 1201, "people": 1201, "unread": 1201, "left": 0}
        event = await phone.next_event("notifications.created")
        assert event["data"]["item"]["text"] == "@room: tea"
        assert event["data"]["item"]["title"].endswith(
            f"mentioned everybody in {await name_of(site, ada, room)}"
        )
        assert sum(one["name"] == "notifications.created" for one in phone.events) == 1


async def name_of(pair: Pair, person: Any, room: int) -> str:
    _, rooms = await pair.http("GET", "/api/rooms", person=person)
    return str(next(one["name"] for one in rooms if one["id"] == room))


async def test_here_is_who_is_online_in_the_room_on_any_server(site: Pair) -> None:
    ada, bo, cy, dee, eve = (site.person() for _ in range(5))
    room = site.room(ada, bo, cy, dee, eve)
    site.stack.start_worker("mentions-worker")
    async with AsyncExitStack() as online:
        phones = [
            await online.enter_async_context(
                site.client(person, name, f"room:{room}", f"user:{person.id}", timeout_s=WITHIN_S)
            )
            for person, name in ((bo, "a"), (cy, "b"))
        ]
        # Online, and not in the room's stream.
        elsewhere = await online.enter_async_context(site.client(dee, "a", f"user:{dee.id}"))
        await say(site, ada, room, "@here, now")
        for phone in phones:
            event = await phone.next_event("chat.mentioned")
            assert event["data"] == {"room": room, "number": 1, "only_in_thread": None}
            await phone.next_event("notifications.created")
        assert (await told(site, room))["people"] == 2
        assert not [one for one in elsewhere.events if one["name"] == "chat.mentioned"]
    for person, expected in ((bo, [1]), (cy, [1]), (dee, []), (eve, [])):
        _, rooms = await site.http("GET", "/api/rooms", person=person)
        assert [one["mentioned"] for one in rooms if one["id"] == room] == [expected]
