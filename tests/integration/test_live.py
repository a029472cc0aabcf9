"""Model events over real sockets: a row that one process changes reaches who may read it, live and afterwards."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

import pytest

from realtime.testing.client import CallFailed
from tests.support.pair import Pair, Person

STREAM = "model:notifications.statusitem"
_numbers = count(1)

_ALLOW = """
from django.contrib.auth.models import Permission
from accounts.models import User
permission = Permission.objects.get(codename="view_statusitem")
getattr(User.objects.get(pk=user_id).user_permissions, verb)(permission)
"""

_SNAPSHOT = """
import msgspec
from accounts.models import User
from notifications.models import StatusItem
from realtime.live import live_snapshot
result = msgspec.to_builtins(live_snapshot(StatusItem, User.objects.get(pk=user_id)))
"""

_SAVE = """
from notifications.models import StatusItem
item, _ = StatusItem.objects.get_or_create(name=name)
item.state = state
item.save()
result = item.pk
"""

_MANY = """
from django.db import transaction
from notifications.models import StatusItem
items = StatusItem.objects.bulk_create([StatusItem(name=f"{prefix} {number}") for number in range(3)])
pks = [item.pk for item in items]
StatusItem.objects.filter(pk__in=pks).update(note="checked")
try:
    with transaction.atomic():
        StatusItem.objects.filter(pk__in=pks).update(note="never")
        raise KeyError
except KeyError:
    pass
StatusItem.objects.filter(pk__in=pks[:1]).delete()
result = pks
"""


def name() -> str:
    return f"Service {next(_numbers)}"


def watcher(pair: Pair) -> Person:
    person = pair.person(staff=True)
    allow(pair, person, "add")
    return person


def allow(pair: Pair, person: Person, verb: str) -> None:
    pair.backstage.run(_ALLOW, user_id=person.id, verb=verb)


async def backstage(pair: Pair, code: str, **values: Any) -> Any:
    return await asyncio.to_thread(pair.backstage.run, code, **values)


def applied(rows: dict[int, dict[str, Any]], frames: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """The rows after the events; one that is already in them changes nothing."""
    rows = dict(rows)
    for frame in frames:
        event = frame["data"]
        if event["id"] in rows and event["version"] <= rows[event["id"]]["version"]:
            continue
        if frame["name"] == "live.deleted":
            rows.pop(event["id"], None)
        else:
            rows[event["id"]] = {key: event[key] for key in ("id", "version", "data")}
    return rows


async def test_a_change_in_another_process_reaches_who_may_read_the_model(pair: Pair):
    person, service = watcher(pair), name()
    async with pair.client(person, "b", STREAM) as client:
        row = await backstage(pair, _SAVE, name=service, state="outage")
        created = await client.next_event("live.created")
        updated = await client.next_event("live.updated")
    assert created["data"]["data"]["name"] == service
    assert updated["data"]["id"] == row
    assert set(updated["data"]["changed"]) == {"state", "updated_at"}
    assert updated["data"]["version"] == created["data"]["version"] + 1


async def test_bulk_changes_arrive_and_what_was_rolled_back_does_not(pair: Pair):
    person, prefix = watcher(pair), name()
    async with pair.client(person, "a", STREAM) as client:
        pks = await backstage(pair, _MANY, prefix=prefix)
        await client.next_event("live.deleted")
        told = [(event["name"], event["data"]["id"]) for event in client.events]
        assert told == [
            *(("live.created", pk) for pk in pks),
            *(("live.updated", pk) for pk in pks),
            ("live.deleted", pks[0]),
        ]
        assert "never" not in str(client.events)
        seqs = client.seqs(STREAM)
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


async def test_one_row_has_a_stream_of_its_own(pair: Pair):
    person, service = watcher(pair), name()
    row = await backstage(pair, _SAVE, name=service, state="degraded")
    async with pair.client(person, "a", f"{STREAM}:{row}") as client:
        await backstage(pair, _SAVE, name=name(), state="outage")
        await backstage(pair, _SAVE, name=service, state="outage")
        event = await client.next_event()
        assert (event["stream"], event["data"]["id"]) == (f"{STREAM}:{row}", row)
        assert len(client.events) == 1


async def test_who_may_not_read_the_model_gets_no_stream(pair: Pair):
    row = await backstage(pair, _SAVE, name=name(), state="outage")
    async with pair.client(pair.person(), "a") as client:
        for stream in (STREAM, f"{STREAM}:{row}", f"{STREAM}:x", "model:accounts.user", "model:no.such"):
            with pytest.raises(CallFailed) as raised:
                await client.subscribe(stream)
            assert raised.value.code in {"not_found", "bad_stream"}


async def test_a_lost_permission_holds_for_the_replay_too(pair: Pair):
    person = watcher(pair)
    client = pair.client(person, "a", STREAM)
    await client.connect()
    await client.drop()
    await asyncio.to_thread(allow, pair, person, "remove")
    await backstage(pair, _SAVE, name=name(), state="outage")
    welcome = await client.reconnect()
    await client.close()
    assert welcome["streams"][0]["error"]
    assert client.events == []


async def test_a_snapshot_and_the_events_after_it_are_a_fresh_snapshot(pair: Pair):
    person = watcher(pair)
    await backstage(pair, _SAVE, name=name(), state="outage")
    snapshot = await backstage(pair, _SNAPSHOT, user_id=person.id)
    before = {row["id"]: row for row in snapshot["rows"]}
    await backstage(pair, _MANY, prefix=name())
    await backstage(pair, _SAVE, name=name(), state="degraded")
    fresh = await backstage(pair, _SNAPSHOT, user_id=person.id)
    client = pair.client(person, "b")
    client.cursors = {STREAM: {"stream": STREAM, **snapshot["cursors"][STREAM]}}
    async with client:
        await client.until(lambda: client.cursors[STREAM]["seq"] == fresh["cursors"][STREAM]["seq"] or None)
    after = applied(before, client.events)
    assert without_zone(after) == without_zone({row["id"]: row for row in fresh["rows"]})


def without_zone(rows: dict[int, dict[str, Any]]) -> str:
    return str(rows).replace("+00:00", "Z")


@pytest.mark.parametrize("row", ["", ":1"], ids=["the model", "one row"])
async def test_a_lost_permission_ends_the_stream_at_once_on_another_process(pair: Pair, row: str):
    person = watcher(pair)
    async with pair.client(person, "b", f"{STREAM}{row}", f"user:{person.id}") as client:
        client.timeout_s = 1.0
        await asyncio.to_thread(allow, pair, person, "remove")
        assert (await client.next_frame("revoked"))["stream"] == f"{STREAM}{row}"
        await backstage(pair, _SAVE, name=name(), state="outage")
        with pytest.raises(CallFailed):
            await client.subscribe(STREAM)
        assert client.events == []
