"""What a client missed, it gets from its cursor: live and recovered together are the log, in order, once."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from realtime.testing.stack import Databases
from realtime.testing.waiting import await_until
from tests.support.pair import Pair, Person, running_pair
from tests.support.raw_socket import raw_socket
from tests.support.services import Services

# Small bounds, so that a few events reach every seam between ring, log and live.
TUNED = {
    "REALTIME_RING_EVENTS": "16",
    "REALTIME_REPLAY_PAGE_EVENTS": "7",
    "REALTIME_MAX_REPLAY_EVENTS": "600",
    "REALTIME_STALLED_AFTER_S": "2.0",
    "REALTIME_SOFT_BUFFER_BYTES": "65536",
    "REALTIME_PRESENCE_COALESCE_MS": "50",
    "REALTIME_PRESENCE_LINGER_S": "0.2",
    "REALTIME_SEEN_COALESCE_S": "0.05",
}

_PUBLISH = """
from realtime import publish, publish_many
from tests.support.log_world import Happened
publish_many((stream, Happened(number, "x" * size)) for number in range(first, first + count))
"""
_REGISTER = "import tests.support.log_world"


@pytest.fixture(scope="module")
def tuned(databases: Databases, services: Services) -> Iterator[Pair]:
    directory = Path(tempfile.mkdtemp(prefix="tuned-", dir=services.directory))
    with running_pair(directory, database_url=databases.fresh(), environment=TUNED) as pair:
        yield pair
        assert pair.alive(), pair.stack.logs()


@pytest.fixture
def person(tuned: Pair) -> Person:
    return tuned.person()


async def publish(pair: Pair, stream: str, first: int, count: int, *, size: int = 1) -> None:
    values = {"stream": stream, "first": first, "count": count, "size": size}
    await asyncio.to_thread(pair.backstage.run, _PUBLISH, **values)


@pytest.mark.chance
async def test_live_and_recovered_together_are_the_log(tuned: Pair, person: Person) -> None:
    """Clients that lose their connection at random places, while events are published all the time."""
    stream = f"user:{person.id}"
    total = 300
    chance = random.Random(11)
    done = asyncio.Event()

    async def publisher() -> None:
        first = 0
        while first < total:
            count = min(chance.choice([1, 1, 2, 9, 30]), total - first)
            await publish(tuned, stream, first, count)
            first += count
        done.set()

    async def reader(name: str, seed: int) -> list[int]:
        dice = random.Random(seed)
        client = tuned.client(person, name, stream)
        client.cursors[stream] = {"stream": stream, "seq": 0}
        await client.connect()
        while not done.is_set():
            before = len(client.events)
            wanted = before + dice.randint(0, 40)
            await until_or_done(lambda wanted=wanted: len(client.events) >= wanted, done)  # type: ignore[misc]
            if dice.random() < 0.5:
                client.url = tuned.ws_url(dice.choice("ab"))
            await client.reconnect()
        await client.until(lambda: client.seqs(stream)[-1:] == [total])
        await client.close()
        return client.seqs(stream)

    *found, _ = await asyncio.gather(reader("a", 1), reader("b", 2), reader("a", 3), publisher())
    for seqs in found:
        assert seqs == list(range(1, total + 1))


async def until_or_done(condition: Any, done: asyncio.Event) -> None:
    await await_until(lambda: condition() or done.is_set(), "more events")


_NUMBER_WITHOUT_NOTICE = """
from django.db import transaction
from realtime.log.append import append
from realtime.log.sequencer import number_pending
from tests.support.log_world import Happened
with transaction.atomic():
    append([(stream, Happened(number)) for number in range(3)])
number_pending([stream])
"""


async def test_a_cursor_from_a_process_that_heard_more_is_resumed(tuned: Pair, person: Person) -> None:
    """Its process stored events, gave them to its own clients and died, or a snapshot was faster than the notice."""
    stream = f"user:{person.id}"
    async with tuned.client(person, "b", stream) as settled:
        cursor = dict(settled.cursors[stream])
        for _ in range(5):  # the regular check may find them first, but not every time
            await asyncio.to_thread(tuned.backstage.run, _NUMBER_WITHOUT_NOTICE, stream=stream)
            cursor["seq"] += 3
            faster = tuned.client(person, "b")
            faster.cursors[stream] = dict(cursor)
            welcome = await faster.connect()
            assert welcome["streams"][0] | {"recovered": True, "head": cursor["seq"]} == welcome["streams"][0]
            await faster.request("unsubscribe", stream=stream)
            assert (await faster.subscribe(stream, {"epoch": cursor["epoch"], "seq": cursor["seq"]}))[
                "recovered"
            ]
            await faster.close()
        await settled.until(lambda: settled.seqs(stream)[-1:] == [cursor["seq"]])
        assert settled.seqs(stream) == list(range(cursor["seq"] - 14, cursor["seq"] + 1))


async def test_a_cursor_too_far_behind_needs_a_snapshot(tuned: Pair, person: Person) -> None:
    stream = f"user:{person.id}"
    await publish(tuned, stream, 0, 601)
    async with tuned.client(person) as client:
        state = await client.subscribe(stream, {"seq": 0})
        assert state["recovered"] is False
        told = await client.next_frame("snapshot_required")
        assert (told["stream"], told["head"], told["epoch"]) == (stream, 601, state["epoch"])
        # From the snapshot's cursor it goes on.
        state = await client.subscribe(stream, {"epoch": told["epoch"], "seq": told["head"]})
        assert state["recovered"] is True
        await publish(tuned, stream, 601, 1)
        await client.next_event("testing.happened")
        assert client.seqs(stream) == [602]


async def test_a_trimmed_cursor_and_one_of_another_log_need_a_snapshot(tuned: Pair, person: Person) -> None:
    stream = f"user:{person.id}"
    await publish(tuned, stream, 0, 40)
    trim = "from realtime.log.retention import trim_old_events\ntrim_old_events(days=-1, keep=10)"
    async with tuned.client(person, "a", stream) as warm:
        epoch = warm.cursors[stream]["epoch"]
        await asyncio.to_thread(tuned.backstage.run, trim)
        async with tuned.client(person, "b") as client:
            for cursor in ({"epoch": epoch, "seq": 29}, {"epoch": "other", "seq": 35}, {"seq": 0}):
                assert (await client.subscribe(stream, cursor))["recovered"] is False
                assert (await client.next_frame("snapshot_required"))["head"] == 40
            assert (await client.subscribe(stream, {"epoch": epoch, "seq": 30}))["recovered"] is True
            await client.until(lambda: client.seqs(stream) == list(range(31, 41)))


async def test_a_slow_reader_is_told_and_then_misses_nothing(tuned: Pair, person: Person) -> None:
    """It stops reading, the server stops sending, and it goes on from the log when the reader does."""
    stream = f"user:{person.id}"
    async with (
        connect(tuned.ws_url(), max_size=None, max_queue=1, compression=None, proxy=None) as slow,
        tuned.client(person, "a", stream) as quick,
    ):
        hello = {"type": "hello", "id": 1, "token": person.token, "streams": [{"stream": stream}]}
        await slow.send(json.dumps(hello))
        assert json.loads(await slow.recv())["type"] == "welcome"
        count = 0
        kinds: set[str] = set()
        seqs: list[int] = []
        hurry = asyncio.Event()

        async def read() -> None:
            while not hurry.is_set() or seqs[-1] < count:
                frame = json.loads(await slow.recv())
                kinds.add(frame["type"])
                if frame["type"] == "event":
                    seqs.append(frame["seq"])
                if not hurry.is_set():
                    await asyncio.sleep(0.01)

        reading = asyncio.create_task(read())
        while count < 1_000 and "lag" not in kinds and not reading.done():
            await publish(tuned, stream, count, 50, size=20_000)
            count += 50
            if "carillon_lagging_total 0.0" not in (await tuned.http("GET", "/metrics"))[1]:
                break
        hurry.set()
        await quick.until(lambda: quick.seqs(stream)[-1:] == [count])
        await asyncio.wait_for(reading, 20)
        assert seqs == quick.seqs(stream) == list(range(1, count + 1))
        assert "lag" in kinds


async def test_a_reader_that_stalls_is_cut_and_resumes(tuned: Pair, person: Person) -> None:
    stream = f"user:{person.id}"
    count = 0
    async with raw_socket(tuned.ws_url("b")) as stalled:
        stalled.send_json(type="hello", id=1, token=person.token, streams=[{"stream": stream}])
        welcome = await stalled.json("welcome")
        before_kb = memory_kb(tuned, "b")
        started = time.monotonic()
        while 'carillon_closes_total{code="4008"}' not in (await tuned.http("GET", "/metrics", name="b"))[1]:
            assert time.monotonic() - started < 20, "never cut"
            if count < 400:
                await publish(tuned, stream, count, 20, size=40_000)
                count += 20
        assert memory_kb(tuned, "b") - before_kb < 40_000
    cursor = welcome["streams"][0]
    async with tuned.client(person, "b") as client:
        state = await client.subscribe(stream, {"epoch": cursor["epoch"], "seq": 0})
        assert state["recovered"] is True
        await client.until(lambda: client.seqs(stream)[-1:] == [count])
        assert client.seqs(stream) == list(range(1, count + 1))


def memory_kb(pair: Pair, name: str) -> int:
    status = Path(f"/proc/{pair.stack.running[name].pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


# ---- commands


async def test_the_calls_of_one_socket_are_carried_out_in_order(tuned: Pair, person: Person) -> None:
    room = tuned.room(person)
    async with tuned.client(person, "a", f"room:{room}") as client:
        sent = await asyncio.gather(
            *(client.call("chat.message_send", room=room, text=str(number)) for number in range(30))
        )
        numbers = [one["number"] for one in sent]
        assert numbers == sorted(numbers)
        first = sent[0]["message"]
        edit, delete, again = await asyncio.gather(
            client.call("chat.message_edit", message=first, text="edited"),
            client.call("chat.message_delete", message=first),
            client.call("chat.message_send", room=room, text="after"),
        )
        assert (edit["message"]["text"], delete["message"]["deleted"]) == ("edited", True)
        await client.until(lambda: again["seq"] in client.seqs(f"room:{room}"))
        last = [event["name"].partition(".")[2] for event in client.events][-3:]
        assert last == ["message_edited", "message_deleted", "message_created"]


async def test_too_many_calls_are_refused_with_a_time_to_come_back(tuned: Pair, person: Person) -> None:
    room = tuned.room(person)
    # Few enough to keep the socket, so many that even a slow server has to refuse.
    calls = range(10_000, 10_300)
    async with tuned.client(person) as client:
        for number in calls:
            await client.send_frame(
                {"type": "call", "id": number, "name": "chat.typing", "args": {"room": room}}
            )
        await client.until(lambda: {frame.get("id") for frame in client.frames} >= set(calls))
        errors = [frame for frame in client.frames if frame["type"] == "error"]
        assert {(error["code"], error["retry"]) for error in errors} == {("rate_limited", True)}
        assert all(error["retry_after_ms"] > 0 for error in errors)
        await asyncio.sleep(errors[-1]["retry_after_ms"] / 1000 + 0.2)
        await client.call("chat.typing", room=room)


async def test_a_stream_is_followed_once_and_left_at_once(tuned: Pair, person: Person) -> None:
    from realtime.testing.client import CallFailed

    stream = f"user:{person.id}"
    async with tuned.client(person, "a", stream) as client:
        with pytest.raises(CallFailed) as caught:
            await client.request("subscribe", stream=stream)
        assert caught.value.code == "already_subscribed"
        await client.request("unsubscribe", stream=stream)
        await client.request("unsubscribe", stream=stream)
        await publish(tuned, stream, 0, 1)
        await client.subscribe(stream, {"epoch": client.cursors[stream]["epoch"], "seq": 0})
        await client.until(lambda: client.seqs(stream) == [1])
        with pytest.raises(CallFailed) as caught:
            await client.request("hello")
        assert caught.value.code == "already_greeted"


# ---- presence


async def presence(client: Any, room: int) -> set[int]:
    return set((await client.call("presence.watch", stream=f"room:{room}"))["online"])


def online_now(client: Any, start: set[int]) -> set[int]:
    """Who is online for this watcher, by the state it got and the changes since."""
    found = set(start)
    for event in client.events:
        if event["name"] == "presence.changed":
            found |= set(event["data"]["online"])
            found -= set(event["data"]["offline"])
    return found


async def test_presence_counts_people_not_devices_over_two_processes(tuned: Pair) -> None:
    ann, bob = tuned.person(), tuned.person()
    room = tuned.room(ann, bob)
    stream = f"room:{room}"
    async with tuned.client(ann, "a", stream) as watcher:
        start = await presence(watcher, room)
        phone, laptop = tuned.client(bob, "b", stream), tuned.client(bob, "a", stream)
        await phone.connect()
        await watcher.until(lambda: online_now(watcher, start) == {ann.id, bob.id})
        await laptop.connect()
        await phone.close()
        # Still there, by the other device; and a later watcher on the other process sees the same.
        async with tuned.client(ann, "b", stream) as other:
            there = await presence(other, room)
            await other.until(lambda: online_now(other, there) == {ann.id, bob.id})
        assert bob.id in online_now(watcher, start)
        await laptop.request("unsubscribe", stream=stream)
        await watcher.until(lambda: online_now(watcher, start) == {ann.id})
        await laptop.close()
        changes = [event["data"] for event in watcher.events if event["name"] == "presence.changed"]
        assert all("seq" not in event for event in watcher.events if event["name"] == "presence.changed")
        assert sum(bob.id in change["online"] for change in changes) == 1
        assert sum(bob.id in change["offline"] for change in changes) == 1


async def test_who_had_to_fetch_a_snapshot_goes_offline_with_their_socket(tuned: Pair) -> None:
    ann, bob = tuned.person(), tuned.person()
    room = tuned.room(ann, bob)
    stream = f"room:{room}"
    async with tuned.client(ann, "a", stream) as watcher:
        start = await presence(watcher, room)
        client = tuned.client(bob, "a")
        client.cursors = {stream: {"stream": stream, "epoch": "gone", "seq": 0}}
        await client.connect()
        await client.next_frame("snapshot_required")
        await client.subscribe(stream)
        await watcher.until(lambda: online_now(watcher, start) == {ann.id, bob.id})
        await client.close()
        await watcher.until(lambda: online_now(watcher, start) == {ann.id})


async def test_presence_is_for_those_who_follow_the_stream(tuned: Pair) -> None:
    from realtime.testing.client import CallFailed

    ann, bob = tuned.person(), tuned.person()
    room = tuned.room(ann)
    async with tuned.client(bob, "a", f"user:{bob.id}") as client:
        for stream in (f"room:{room}", f"user:{bob.id}", "room:x y"):
            with pytest.raises(CallFailed) as caught:
                await client.call("presence.watch", stream=stream)
            assert caught.value.code == "not_subscribed"


async def test_who_stops_watching_is_told_no_more(tuned: Pair) -> None:
    ann, bob = tuned.person(), tuned.person()
    room = tuned.room(ann, bob)
    stream = f"room:{room}"
    async with tuned.client(ann, "a", stream) as quiet, tuned.client(ann, "a", stream) as watcher:
        start = await presence(watcher, room)
        await presence(quiet, room)
        await quiet.call("presence.unwatch", stream=stream)
        async with tuned.client(bob, "b", stream):
            await watcher.until(lambda: bob.id in online_now(watcher, start))
        await watcher.until(lambda: bob.id not in online_now(watcher, start))
        assert not [event for event in quiet.events if bob.id in event["data"].get("online", [])]


async def test_typing_reaches_the_other_process_and_leaves_no_trace(tuned: Pair) -> None:
    ann, bob = tuned.person(), tuned.person()
    room = tuned.room(ann, bob)
    stream = f"room:{room}"
    async with tuned.client(ann, "a", stream) as one, tuned.client(bob, "b", stream) as two:
        await one.call("chat.typing", room=room)
        event = await two.next_event("chat.typing")
        assert ("seq" in event, event["data"]["user"]) == (False, ann.id)
        sent = await one.call("chat.message_send", room=room, text="hello")
        await two.until(lambda: two.seqs(stream) == [sent["seq"]])


async def test_a_killed_process_takes_its_people_offline(fragile_pair: Pair) -> None:
    pair = fragile_pair
    ann, bob = pair.person(), pair.person()
    room = pair.room(ann, bob)
    stream = f"room:{room}"
    async with pair.client(ann, "a", stream) as watcher:
        start = await presence(watcher, room)
        phone = pair.client(bob, "b", stream)
        await phone.connect()
        await watcher.until(lambda: bob.id in online_now(watcher, start))
        pair.stack.kill("b")
        await watcher.until(lambda: bob.id not in online_now(watcher, start))
        await phone.closed()
        # Redis starts again, empty: what is known of those who are here stays right.
        await asyncio.to_thread(pair.stack.redis.restart_empty)
        await asyncio.to_thread(pair.stack.start_web, "b")
        await phone.reconnect()
        await watcher.until(lambda: bob.id in online_now(watcher, start))
        await phone.close()
        await watcher.until(lambda: bob.id not in online_now(watcher, start))


async def test_idle_busy_and_invisible_people_are_seen_as_such_over_two_processes(tuned: Pair) -> None:
    ann, bob = tuned.person(), tuned.person()
    room = tuned.room(ann, bob)
    stream = f"room:{room}"

    async with tuned.client(ann, "a", stream) as watcher:
        await watcher.call("presence.watch", stream=stream)

        def seen_as(mode: str, count: int) -> Any:
            """Whether the latest change says it of Bob; `offline` is one of the lists too."""

            def latest() -> bool:
                changes = [one["data"] for one in watcher.events if one["name"] == "presence.changed"]
                return any(bob.id in one[mode] and one["count"] == count for one in changes[-1:])

            return latest

        phone, laptop = tuned.client(bob, "b", stream), tuned.client(bob, "a", stream)
        await phone.connect()
        await watcher.until(seen_as("online", 2))
        await phone.call("presence.update", idle=True)
        await watcher.until(seen_as("idle", 2))
        await laptop.connect()
        await watcher.until(seen_as("online", 2))
        await laptop.close()
        await watcher.until(seen_as("idle", 2))
        for availability, mode, count in (
            ("dnd", "dnd", 2),
            ("invisible", "offline", 1),
            ("auto", "idle", 2),
        ):
            await phone.call(
                "chat.availability_set", availability=availability, client_id=f"chosen-{availability}"
            )
            await watcher.until(seen_as(mode, count))
        await phone.close()
        await watcher.until(seen_as("offline", 1))


async def test_a_pong_says_that_a_direct_message_was_delivered(tuned: Pair) -> None:
    ann, bob = tuned.person(), tuned.person()
    async with (
        tuned.client(ann, "a", f"user:{ann.id}") as one,
        tuned.client(bob, "b", f"user:{bob.id}") as two,
    ):
        opened = await one.call("chat.direct_open", users=[bob.id], client_id="open")
        stream = f"room:{opened['room']['id']}"
        await one.subscribe(stream)
        await two.subscribe(stream)
        sent = await one.call("chat.message_send", room=opened["room"]["id"], text="hello")
        await two.until(lambda: sent["seq"] in two.seqs(stream))
        await two.send_frame({"type": "pong", "id": 0, "seen": {stream: sent["seq"]}})
        delivered = await one.next_event("chat.delivered")
        assert delivered["data"] == {"room": opened["room"]["id"], "user": bob.id, "seq": sent["seq"]}
