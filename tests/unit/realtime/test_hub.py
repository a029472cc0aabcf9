"""The hub hands every event of a stream to its subscribers once and in order, whatever is lost on the way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from channels.layers import get_channel_layer
from django.db import OperationalError, transaction

from realtime import database, publish, publish_many, publish_transient
from realtime.fan_out import Prepared
from realtime.hub import Hub, LocalStream
from realtime.log import read
from realtime.log.append import append
from realtime.log.batch import Batch
from realtime.log.models import Event, Log, Stream
from realtime.log.retention import trim_old_events
from realtime.log.sequencer import number_pending
from realtime.protocol.streams import group_of
from realtime.testing.waiting import await_until
from tests.support.log_world import Happened

STREAM = "testing:hub"


class Follower:
    """A subscriber that keeps what it was given."""

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.numbers: list[int] = []
        self.transient: list[int] = []
        self.resets = 0

    def deliver(self, batch: Batch, prepared: Prepared) -> None:
        assert list(batch.frames) == list(prepared.frames)
        for place, raw in enumerate(prepared.frames):
            frame = msgspec.json.decode(raw)
            assert frame["seq"] == batch.first + place
            self.seqs.append(frame["seq"])
            self.numbers.append(frame["data"]["number"])

    def deliver_transient(self, prepared: Prepared) -> None:
        self.transient.extend(msgspec.json.decode(raw)["data"]["number"] for raw in prepared.frames)

    def reset(self) -> None:
        self.resets += 1


@pytest.fixture
async def hub(settings: Any) -> AsyncIterator[Hub]:
    settings.REALTIME = {**settings.REALTIME, "RING_EVENTS": 16, "HEAL_INTERVAL_S": 0.2}
    hub = Hub(asyncio.get_running_loop())
    await hub.started()
    yield hub
    await hub.stop()


async def follow(hub: Hub, name: str = STREAM) -> tuple[LocalStream, Follower]:
    stream = (await hub.open([name]))[name]
    follower = Follower()
    stream.fan_out.join(follower)
    return stream, follower


async def silently(*numbers: int, stream: str = STREAM) -> list[Batch]:
    """Numbered and committed, but nobody was told."""

    def write() -> list[Batch]:
        with transaction.atomic():  # in one step, or the hub's own sweep may be quicker
            append([(stream, Happened(number)) for number in numbers])
            return number_pending([stream])

    return await database.run(write)


async def has(follower: Follower, count: int) -> None:
    await await_until(lambda: len(follower.seqs) >= count, f"{count} events; there are {follower.seqs}")
    assert follower.seqs == list(range(1, count + 1))


async def test_events_of_other_processes_arrive_once_and_in_order(hub: Hub) -> None:
    _, follower = await follow(hub)
    for number in range(5):
        await database.run(publish, STREAM, Happened(number))
    await has(follower, 5)
    assert follower.numbers == [0, 1, 2, 3, 4]


async def test_a_batch_that_comes_again_or_overlaps_is_dropped(hub: Hub) -> None:
    _, follower = await follow(hub)
    (batch,) = await silently(1, 2, 3)
    hub.accept(batch)
    hub.accept(batch)
    (later,) = await silently(4)
    hub.accept(Batch(STREAM, batch.epoch, 2, [*batch.frames[1:], *later.frames]))
    hub.accept(later)
    await has(follower, 4)


async def test_batches_in_any_order_come_out_in_order(hub: Hub) -> None:
    _, follower = await follow(hub)
    batches = [(await silently(number))[0] for number in range(10)]
    random.Random(3).shuffle(batches)
    for batch in batches:
        hub.accept(batch)
    await has(follower, 10)


async def test_a_gap_is_filled_from_the_log(hub: Hub) -> None:
    _, follower = await follow(hub)
    await silently(1, 2)
    (third,) = await silently(3)
    hub.accept(third)
    await has(follower, 3)


async def test_a_lost_notice_is_found_by_the_check(hub: Hub) -> None:
    _, follower = await follow(hub)
    await silently(1, 2, 3)
    await has(follower, 3)


async def test_an_outbox_left_behind_is_numbered_and_delivered(hub: Hub) -> None:
    _, follower = await follow(hub)
    await database.run(append, [(STREAM, Happened(1)), (STREAM, Happened(2))])
    await has(follower, 2)


async def test_who_starts_to_follow_gets_what_comes_after_the_head_it_was_told(hub: Hub) -> None:
    await silently(1, 2)
    stream, follower = await follow(hub)
    assert stream.head == 2
    await silently(3)
    await await_until(lambda: follower.seqs == [3], "the third alone")


async def test_a_log_made_anew_resets_its_followers(hub: Hub) -> None:
    stream, follower = await follow(hub)
    await silently(1, 2, 3)
    await has(follower, 3)

    def make_anew() -> None:
        Event.objects.filter(stream=STREAM).delete()
        Stream.objects.filter(name=STREAM).delete()
        Log.objects.update(epoch="anew")

    await database.run(make_anew)
    await silently(1)
    await await_until(lambda: follower.resets == 1, "the reset")
    assert (stream.epoch, stream.head) == ("anew", 1)


@pytest.mark.parametrize("keep", [0, 1])
async def test_a_hole_that_retention_made_resets_instead_of_hiding(hub: Hub, keep: int) -> None:
    stream, follower = await follow(hub)
    hub.streams[STREAM].loaded = asyncio.get_running_loop().create_future()  # deaf for a while
    await silently(*range(10))
    await database.run(lambda: trim_old_events(days=-1, keep=keep))
    hub.streams[STREAM].loaded.set_result(None)
    hub._heal_now.set()
    await await_until(lambda: follower.resets == 1, "the reset")
    assert (stream.head, stream.trimmed, follower.seqs) == (10, 10 - keep, [])


async def test_the_ring_and_the_log_give_the_same_pages(hub: Hub) -> None:
    stream, follower = await follow(hub)
    await database.run(publish_many, [(STREAM, Happened(number)) for number in range(60)])
    await has(follower, 60)
    for seq in range(60):
        for limit in (1, 7, 100):
            page = await hub.read_after(stream, seq, limit)
            logged = await database.run(read.page_after, STREAM, seq, limit)
            assert page is not None
            assert logged is not None
            assert (page.first, list(page.frames)) == (logged.first, list(logged.frames))
            assert page.epoch == logged.epoch
    assert await hub.read_after(stream, 60, 10) is None
    assert stream.after(60 - 16, 100) is not None
    assert stream.after(60 - 17, 100) is None


async def test_random_losses_duplicates_and_disorder_leave_no_trace(hub: Hub) -> None:
    """Live events and the log together are the stream, in order, once, whatever the layer does."""
    chance = random.Random(7)
    followers: list[tuple[int, Follower]] = []
    stream, first = await follow(hub)
    followers.append((0, first))
    for number in range(80):
        (batch,) = await silently(number)
        for _ in range(chance.choice([0, 1, 1, 2])):
            hub.loop.call_later(chance.random() / 50, hub.accept, batch)
        if chance.random() < 0.1:
            late = Follower()
            followers.append((stream.head, late))
            stream.fan_out.join(late)
    await await_until(lambda: stream.head == 80, "everything")
    for cut, follower in followers:
        assert follower.seqs == list(range(cut + 1, 81))


async def test_a_page_from_the_log_brings_the_stream_to_where_the_log_is(hub: Hub) -> None:
    """Else a subscriber that read it and goes live then would get its end a second time."""
    stream, follower = await follow(hub)
    await silently(*range(5))
    page = await hub.read_after(stream, 0, 100)
    assert page is not None
    assert (page.last, stream.head) == (5, 5)
    await has(follower, 5)


HOSTILE: list[dict[str, Any]] = [
    {"type": "stream.events"},
    {"type": "stream.events", "stream": STREAM, "epoch": "x", "first": 1, "frames": [b"{}"]},
    {"type": "stream.events", "stream": STREAM, "epoch": "x", "first": 10**18, "frames": [b"x"] * 1000},
    {"type": "stream.events", "stream": 1, "epoch": None, "first": "1", "frames": {}},
    {"type": "stream.events", "stream": "x" * 10_000, "epoch": "", "first": -5, "frames": [b""]},
    {"type": "stream.transient", "stream": STREAM, "frame": "text"},
    {"type": "stream.transient", "stream": [], "frame": b""},
    {"type": "no.such.type"},
    {"type": ["list"]},
    {"type": None},
    {"nothing": "at all"},
    {"type": "websocket.disconnect"},
]


async def test_hostile_layer_messages_are_ignored(hub: Hub) -> None:
    stream, follower = await follow(hub)
    layer: Any = get_channel_layer()
    for message in HOSTILE:
        await layer.group_send(group_of(STREAM), message)
        await layer.send(hub.channel, message)
    forged = {
        "type": "stream.events",
        "stream": STREAM,
        "epoch": stream.epoch,
        "first": 500,
        "frames": [b"{}"],
    }
    for _ in range(100):
        await layer.group_send(group_of(STREAM), forged)
    await database.run(publish, STREAM, Happened(1))
    await database.run(publish_transient, STREAM, Happened(2))
    await has(follower, 1)
    await await_until(lambda: follower.transient == [2], "the transient event")
    # What the log does not know is not kept for ever.
    await database.run(publish, STREAM, Happened(3))
    await has(follower, 2)
    await await_until(lambda: not stream.held, "the forged batches are gone")


async def test_a_stream_stays_for_a_while_after_its_last_user(hub: Hub) -> None:
    one, follower = await follow(hub)
    two, _ = await follow(hub)
    assert one is two
    one.fan_out.leave(follower)
    hub.close(one)
    hub.close(two)
    await database.run(publish, STREAM, Happened(1))
    await await_until(lambda: one.head == 1, "what happens meanwhile is heard")
    again, _ = await follow(hub)
    assert again is one
    assert (again.after(0, 10) or Batch("", "", 0, [])).last == 1
    hub.let_go_of_old(0)
    assert STREAM in hub.streams  # it is followed again


async def test_a_stream_that_nobody_came_back_to_is_let_go(hub: Hub) -> None:
    one, _ = await follow(hub)
    hub.close(one)
    hub.let_go_of_old(0)
    assert STREAM not in hub.streams
    again, follower = await follow(hub)
    assert again is not one
    await database.run(publish, STREAM, Happened(1))
    await has(follower, 1)


async def test_a_page_of_the_log_is_read_once_for_all_who_missed_it(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    await silently(*range(1, 31))
    stream = (await hub.open([STREAM]))[STREAM]
    pages, page_after = [], read.page_after

    def counted(*args: Any) -> Batch | None:
        pages.append(args)
        return page_after(*args)

    monkeypatch.setattr(read, "page_after", counted)
    found = await asyncio.gather(*(hub.read_after(stream, 20, 100) for _ in range(20)))
    assert {batch.last for batch in found if batch is not None} == {30}
    assert await hub.read_after(stream, 25, 100) is not None
    assert len(pages) == 1
    # The ring has 16 places, and what reaches farther back is still read from the log.
    assert (await hub.read_after(stream, 10, 100) or found[0]).first == 11
    assert len(pages) == 2
    assert [seq for seq, _ in stream.recent] == list(range(15, 31))


async def test_a_load_that_failed_is_tried_again_by_the_next(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(names: Any) -> Any:
        raise OperationalError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(read, "heads", fail)
        results = await asyncio.gather(hub.open([STREAM]), hub.open([STREAM]), return_exceptions=True)
        assert [type(one) for one in results] == [OperationalError] * 2
    await database.run(publish, STREAM, Happened(1))
    assert (await hub.open([STREAM]))[STREAM].head == 1


async def test_many_who_open_at_once_share_one_load(hub: Hub) -> None:
    found = await asyncio.gather(*(hub.open([STREAM, "testing:other"]) for _ in range(20)))
    assert len({id(one[STREAM]) for one in found}) == 1
    assert found[0][STREAM].users == 20
