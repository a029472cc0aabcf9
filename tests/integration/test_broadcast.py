"""Broadcasts through a worker and two beats: to who is online and into every inbox, each exactly once."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from realtime.testing.stack import Databases
from realtime.testing.waiting import await_until
from tests.support.pair import Pair, running_pair
from tests.support.services import Services

WITHIN_S = 60.0

_STORE = """
import uuid
from datetime import timedelta
from django.utils import timezone
from notifications.audiences import Audience
from notifications.broadcasts.schedule import Schedule
from notifications.broadcasts.writing import NewBroadcast, broadcast_create
now = timezone.now().replace(tzinfo=None)
schedule = Schedule(start=now + timedelta(seconds=in_s)) if in_s else None
new = NewBroadcast(form_key=uuid.uuid4(), title=title, text="", level="info", link="", schedule=schedule,
                   audience=Audience(kind=kind, key=key, user_ids=tuple(people)))
result = broadcast_create(new, created_by=None).pk
"""

_STATE = """
from notifications.models import Broadcast
broadcast = Broadcast.objects.get(pk=id)
row = broadcast.occurrences.get()
result = {"status": broadcast.status, "done": row.done, "total": row.total, "fence": row.fence,
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
        assert inbox["unread"] == {"own": 0, "shared": 2}


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
        assert result == {"items": [item], "unread": {"own": 0, "shared": 0}}
        assert (await tablet.next_event("notifications.read"))["data"] == result
        await tablet.call("notifications.read_all")
        assert "up_to" in (await phone.next_event("notifications.read_all"))["data"]


@pytest.mark.timeout(120)
async def test_a_snoozed_line_comes_back_by_beat_and_worker(site: Pair):
    ada = site.person()
    await sent(site, await store(site, "can wait", kind="users", people=[ada.id]))
    async with site.client(ada, "a", f"user:{ada.id}") as client:
        client.timeout_s = WITHIN_S
        _, inbox = await site.http("GET", "/api/inbox", person=ada)
        first = inbox["items"][0]
        item = first["id"]
        until = datetime.now(UTC) + timedelta(seconds=1)
        snoozed = await client.call("notifications.snooze", items=[item], until=until.isoformat())
        assert snoozed == {"items": [item], "unread": {"own": 0, "shared": 0}}

        def again() -> Any:
            """Not the event of its first coming, which may be late."""
            came = [event["data"] for event in client.events if event["name"] == "notifications.created"]
            return next((one for one in came if one["item"]["created_at"] != first["created_at"]), None)

        back = await client.until(again)
        assert datetime.fromisoformat(back["item"]["created_at"]) >= until
        assert (back["item"]["id"], back["own_unread"]) == (item, 1)


@pytest.mark.timeout(120)
async def test_a_reminder_and_a_job_go_through_two_beats_and_a_worker_once(site: Pair):
    ada = site.person()
    await sent(site, await store(site, "think of it", kind="users", people=[ada.id]))
    _, inbox = await site.http("GET", "/api/inbox", person=ada)
    async with site.client(ada, "a", f"user:{ada.id}") as client:
        client.timeout_s = WITHIN_S
        at = datetime.now(UTC) + timedelta(seconds=1)
        about = f"notification:{inbox['items'][0]['id']}"
        reminder = await client.call("notifications.remind", about=about, at=at.isoformat(), note="now")
        assert (await client.call("notifications.reminders"))["reminders"] == [reminder]
        _, job = await site.http("POST", "/api/account/export", person=ada, body={"client_id": "export"})

        def events(name: str) -> list[Any]:
            return [event["data"] for event in client.events if event["name"] == name]

        def told() -> list[str]:
            return sorted(one["item"]["title"] for one in events("notifications.created"))

        titles = ["Export of your data: done", "Reminder: think of it"]
        await client.until(lambda: set(titles) <= set(told()))
        assert [title for title in told() if title != "think of it"] == titles
        assert events("notifications.reminder_ended") == [{"reminder": reminder["id"], "reason": "fired"}]
        assert [one["job"]["state"] for one in events("jobs.changed")] == ["queued", "running", "done"]
        listed = (await client.call("jobs.list"))["jobs"]
        assert [(one["id"], one["state"]) for one in listed] == [(job["id"], "done")]
        status, archive = await site.http("GET", f"/api/jobs/{job['id']}/file", person=ada)
        assert (status, archive[:2]) == (200, "PK")
        assert (await client.call("jobs.remove", job=job["id"])) is None
        assert (await client.next_event("jobs.removed"))["data"] == {"job": job["id"]}


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


_FIGURES = """
from notifications.broadcasts.figures import channel_figures
from notifications.models import AudienceDelivery, Broadcast, Notification
found = channel_figures(Broadcast.objects.get(pk=id))[0]
own = Notification.objects.filter(occurrence__broadcast=id, delivered_at__isnull=False)
shared = AudienceDelivery.objects.filter(notification__occurrence__broadcast=id)
result = {"sent": found.sent, "delivered": found.delivered, "rows": own.count() + shared.count()}
"""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", ["everybody", "users", "room"])
async def test_what_sockets_confirm_is_delivered_and_what_nobody_confirmed_is_not(site: Pair, kind: str):
    people = [site.person() for _ in range(4)]
    room = site.room(people[0], *people[1:])
    names = {"everybody": "audience:all", "room": f"room:{room}"}
    stream_of = {person.id: names.get(kind, f"user:{person.id}") for person in people}
    ada, ben, cyd, _ = people

    async def figures(id: int) -> dict[str, int]:
        return dict(await asyncio.to_thread(site.backstage.run, _FIGURES, id=id))

    async with (
        site.client(ada, "a", stream_of[ada.id]) as first,
        site.client(ada, "b", stream_of[ada.id]) as second,
        site.client(ben, "b", stream_of[ben.id]) as third,
        site.client(cyd, "a", stream_of[cyd.id]) as silent,
    ):
        clients = (first, second, third, silent)
        for client in clients:
            client.timeout_s = WITHIN_S
        id = await store(
            site, kind, kind=kind, key=room if kind == "room" else None, people=[one.id for one in people]
        )
        await sent(site, id)
        for client in clients:
            await client.until(lambda client=client: kind in titles(client) or None)
        assert (await figures(id))["delivered"] == 0
        for person, client in ((ada, first), (ada, second), (ben, third)):
            stream = stream_of[person.id]
            await client.send_frame({"type": "pong", "id": 0, "seen": {stream: client.seqs(stream)[-1]}})
        # Whoever has applied nothing of it confirms nothing, and nobody what there is not.
        await silent.send_frame({"type": "pong", "id": 0, "seen": {stream_of[cyd.id]: 0, "audience:none": 9}})

        async def confirmed() -> bool:
            return (await figures(id))["delivered"] == 2

        await await_until(confirmed, "two people have confirmed it", timeout_s=WITHIN_S)
        found = await figures(id)
        assert found["rows"] == found["delivered"] == 2
        assert found["sent"] >= 4
