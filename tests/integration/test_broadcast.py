"""Broadcasts through a worker and two beats: to who is online and into every inbox, each exactly once."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from realtime.testing.stack import Databases
from realtime.testing.waiting import await_until
from tests.support.pair import Pair, running_pair
from tests.support.services import Services

WITHIN_S = 20.0

_STORE = """
import uuid
from datetime import timedelta
from django.utils import timezone
from notifications.broadcasts import Audience, NewBroadcast, broadcast_create
due_at = timezone.now() + timedelta(seconds=in_s) if in_s else None
new = NewBroadcast(form_key=uuid.uuid4(), title=title, text="", level="info", link="", due_at=due_at,
                   audience=Audience(kind=kind, key=key, user_ids=tuple(people)))
result = broadcast_create(new, created_by=None).pk
"""

_STATE = """
from notifications.models import Broadcast
row = Broadcast.objects.get(pk=id)
result = {"status": row.status, "done": row.done, "total": row.total, "fence": row.fence,
          "late_s": row.started_at and (row.started_at - row.due_at).total_seconds()}
"""


@pytest.fixture(scope="module")
def site(databases: Databases, services: Services) -> Iterator[Pair]:
    """Two servers, a worker and two beats."""
    directory = Path(tempfile.mkdtemp(prefix="site-", dir=services.directory))
    with running_pair(directory, database_url=databases.fresh()) as pair:
        pair.stack.start_worker()
        pair.stack.start_beat("beat1")
        pair.stack.start_beat("beat2")
        yield pair


async def store(site: Pair, title: str, **values: Any) -> int:
    chosen = {"in_s": 0, "kind": "everybody", "key": None, "people": [], **values}
    return int(await asyncio.to_thread(site.backstage.run, _STORE, title=title, **chosen))


async def state(site: Pair, id: int) -> dict[str, Any]:
    return dict(await asyncio.to_thread(site.backstage.run, _STATE, id=id))


async def sent(site: Pair, id: int) -> dict[str, Any]:
    async def is_sent() -> bool:
        return (await state(site, id))["status"] == "sent"

    await await_until(is_sent, f"broadcast {id} is sent", timeout_s=WITHIN_S)
    return await state(site, id)


def titles(client: Any) -> list[str]:
    created = [event for event in client.events if event["name"] == "notifications.created"]
    return [event["data"]["item"]["title"] for event in created]


@pytest.mark.timeout(120)
async def test_now_and_later_reach_everybody_once_as_an_event_and_in_the_inbox(site: Pair):
    ada, ben = site.person(), site.person()
    streams = ["audience:all"]
    async with site.client(ada, "a", *streams) as first, site.client(ben, "b", *streams) as second:
        first.timeout_s = second.timeout_s = WITHIN_S
        now = await store(site, "now")
        later = await store(site, "later", in_s=3)
        done = await sent(site, later)
        assert (await sent(site, now))["done"] == done["total"]
        assert done["late_s"] >= 0
        for client in (first, second):
            await client.until(lambda client=client: len(titles(client)) >= 2 or None)
            assert titles(client) == ["now", "later"]
    for person in (ada, ben):
        _, inbox = await site.http("GET", "/api/inbox", person=person)
        assert [item["title"] for item in inbox["items"]] == ["later", "now"]
        assert inbox["unread"] == 2


@pytest.mark.timeout(120)
async def test_named_people_a_group_and_a_room_get_theirs_and_others_do_not(site: Pair):
    ada, ben = site.person(), site.person()
    room = site.room(ada)
    async with (
        site.client(ada, "a", f"user:{ada.id}", f"room:{room}") as hers,
        site.client(ben, "b", f"user:{ben.id}") as his,
    ):
        hers.timeout_s = WITHIN_S
        await sent(site, await store(site, "to her", kind="users", people=[ada.id]))
        await sent(site, await store(site, "to her room", kind="room", key=room))
        await hers.until(lambda: len(titles(hers)) == 2 or None)
        assert titles(his) == []
    _, inbox = await site.http("GET", "/api/inbox", person=ben)
    assert not {"to her", "to her room"} & {item["title"] for item in inbox["items"]}


@pytest.mark.timeout(120)
async def test_a_read_mark_reaches_the_other_device(site: Pair):
    ada = site.person()
    await sent(site, await store(site, "read me", kind="users", people=[ada.id]))
    stream = f"user:{ada.id}"
    async with site.client(ada, "a", stream) as phone, site.client(ada, "b", stream) as tablet:
        _, inbox = await site.http("GET", "/api/inbox", person=ada)
        item = inbox["items"][0]["id"]
        result = await phone.call("notifications.read", items=[item])
        assert result == {"items": [item]}
        assert (await tablet.next_event("notifications.read"))["data"] == {"items": [item]}
        await tablet.call("notifications.read_all")
        assert "up_to" in (await phone.next_event("notifications.read_all"))["data"]


@pytest.mark.timeout(120)
async def test_a_worker_that_was_away_sends_when_it_is_back_and_only_staff_follow_the_progress(site: Pair):
    ada = site.person()
    site.stack.kill("worker")
    id = await store(site, "while away", kind="users", people=[ada.id])
    async with site.client(ada, "a") as client:
        with pytest.raises(Exception, match="not_found"):
            await client.subscribe(f"broadcast:{id}")
    assert (await state(site, id))["status"] == "scheduled"
    site.stack.start_worker()
    assert (await sent(site, id))["done"] == 1
    _, inbox = await site.http("GET", "/api/inbox", person=ada)
    assert json.dumps(inbox).count("while away") == 1
