"""The parts of the channel layer that need no Redis."""

import asyncio

import pytest

from realtime.layer import RedisLayer
from realtime.layer.backoff import LONGEST_S, Backoff
from realtime.layer.counters import Complaint
from realtime.layer.hosts import read_hosts, shard_of
from realtime.layer.mailbox import Mailbox


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_mailbox_gives_messages_back_in_order() -> None:
    mailbox = Mailbox("c", capacity=3, expiry_s=60)
    assert [mailbox.put(b"%d" % n) for n in range(3)] == [True] * 3
    assert [await mailbox.take() for _ in range(3)] == [b"0", b"1", b"2"]


async def test_a_full_mailbox_drops_and_tells_once() -> None:
    mailbox = Mailbox("c", capacity=1, expiry_s=60)
    mailbox.put(b"kept")
    assert not mailbox.put(b"dropped")
    assert mailbox.take_loss()
    assert not mailbox.take_loss()
    assert await mailbox.take() == b"kept"


async def test_messages_older_than_the_expiry_are_skipped_and_counted() -> None:
    clock = Clock()
    mailbox = Mailbox("c", capacity=3, expiry_s=60, clock=clock)
    mailbox.put(b"old")
    clock.now = 61
    mailbox.put(b"new")
    assert await mailbox.take() == b"new"
    assert mailbox.expired == 1


async def test_sends_on_their_way_take_room() -> None:
    mailbox = Mailbox("c", capacity=2, expiry_s=60)
    mailbox.put(b"there")
    mailbox.on_the_way = 1
    assert not mailbox.full
    assert not mailbox.room_for_send


def test_the_backoff_grows_to_its_bound_with_jitter() -> None:
    backoff = Backoff()
    waits = [backoff.next_s() for _ in range(10)]
    assert 0.025 <= waits[0] <= 0.05
    assert all(LONGEST_S / 2 <= wait <= LONGEST_S for wait in waits[5:])
    backoff.reset()
    assert backoff.next_s() <= 0.05


def test_a_repeated_complaint_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    complain = Complaint("Channel %s is full.")
    for _ in range(100):
        complain("c")
    assert [record.getMessage() for record in caplog.records] == ["Channel c is full."]


def test_names_are_spread_over_all_hosts_and_stay_where_they_are() -> None:
    shards = [shard_of(f"room.{number}", 3) for number in range(300)]
    assert set(shards) == {0, 1, 2}
    assert shards == [shard_of(f"room.{number}", 3) for number in range(300)]
    assert shard_of("anything", 1) == 0


def test_the_shard_is_the_one_that_channels_redis_would_choose() -> None:
    from channels_redis.utils import _consistent_hash

    for number in range(300):
        assert shard_of(f"room.{number}", 5) == _consistent_hash(f"room.{number}", 5)


def test_url_and_hosts_together_are_refused() -> None:
    with pytest.raises(ValueError, match="not both"):
        read_hosts("redis://a", ["redis://b"])


def test_a_capacity_may_be_given_per_channel() -> None:
    layer = RedisLayer(url="redis://localhost", capacity=7, channel_capacity={"hub.*": 10_000})
    assert layer.get_capacity("hub.abc!def") == 10_000
    assert layer.get_capacity("specific.abc!def") == 7


def test_a_loop_that_only_asks_gets_no_connection() -> None:
    layer = RedisLayer(url="redis://localhost:1")

    async def ask() -> tuple[int, bool, bool]:
        return layer.generation, layer.connected, layer.overflowed("specific.x!y")

    assert asyncio.run(ask()) == (0, False, False)
