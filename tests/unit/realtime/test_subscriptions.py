"""One socket's way from a cursor to live: through the ring, the log, a slow network and a log made anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from realtime import database, publish_many
from realtime.errors import BadCursor
from realtime.fan_out import Prepared
from realtime.gateway.subscriptions import Subscriptions, beginning_of
from realtime.hub import Hub
from realtime.log.batch import Batch
from realtime.log.models import Event, Log, Stream
from realtime.protocol.frames import StreamCursor
from realtime.testing.waiting import await_until
from tests.support.log_world import Happened

STREAM = "testing:subscriptions"


class Socket:
    """A session and its connection in one: what was sent, and a network that takes as much as we say."""

    soft_buffer_bytes = 1_000

    def __init__(self, hub: Hub) -> None:
        self.connection = self
        self.buffered_bytes = 0
        self.seqs: list[int] = []
        self.told: list[Any] = []
        self.slow = False
        self.follows: list[str] = []
        self.subscriptions = Subscriptions(self, hub)  # type: ignore[arg-type]

    def send(self, sent: Any) -> None:
        if isinstance(sent, Prepared):
            self.seqs.extend(msgspec.json.decode(raw)["seq"] for raw in sent.frames)
        else:
            self.told.append(sent)

    def send_at_once(self, sent: Any) -> bool:
        if not self.buffered_bytes:
            self.send(sent)
        return not self.buffered_bytes

    def followed(self, name: str) -> None:
        self.follows.append(name)

    def unfollowed(self, name: str) -> None:
        self.follows.remove(name)

    def is_slow(self) -> None:
        self.slow = True

    def stop_reading(self) -> None:
        self.buffered_bytes = 10_000

    def read_all(self) -> None:
        self.buffered_bytes = 0

    def kinds(self) -> list[str]:
        return [frame.__struct_config__.tag for frame in self.told]


@pytest.fixture
async def hub(settings: Any) -> AsyncIterator[Hub]:
    settings.REALTIME = {
        **settings.REALTIME,
        "RING_EVENTS": 8,
        "REPLAY_PAGE_EVENTS": 5,
        "HEAL_INTERVAL_S": 0.2,
    }
    hub = Hub(asyncio.get_running_loop())
    await hub.started()
    yield hub
    await hub.stop()


async def events(count: int) -> None:
    await database.run(publish_many, [(STREAM, Happened(number)) for number in range(count)])


async def follow(hub: Hub, socket: Socket, seq: int | None, epoch: str | None = None) -> Any:
    stream = (await hub.open([STREAM]))[STREAM]
    wanted = StreamCursor(STREAM, epoch if epoch or seq is None else stream.epoch, seq)
    state = socket.subscriptions.state_of(stream, wanted)
    socket.subscriptions.attach(stream, wanted, state)
    return state


@pytest.mark.parametrize("seq", [0, 1, 7, 22, 27, 29, 30])
async def test_from_any_cursor_to_live_nothing_is_missed(hub: Hub, seq: int) -> None:
    keeper, socket = Socket(hub), Socket(hub)
    await follow(hub, keeper, None)
    await events(30)
    await await_until(lambda: len(keeper.seqs) == 30, "the live ones")
    assert (await follow(hub, socket, seq)).recovered is True
    await events(3)
    await await_until(lambda: socket.seqs == list(range(seq + 1, 34)), f"all after {seq}")
    assert keeper.seqs == list(range(1, 34))


async def test_without_a_cursor_a_socket_starts_at_the_head(hub: Hub) -> None:
    await events(5)
    socket = Socket(hub)
    state = await follow(hub, socket, None)
    assert (state.head, state.recovered) == (5, msgspec.UNSET)
    await events(1)
    await await_until(lambda: socket.seqs == [6], "the next")


async def test_a_slow_socket_is_told_skips_live_and_catches_up(hub: Hub) -> None:
    socket = Socket(hub)
    await follow(hub, socket, 0)
    socket.stop_reading()
    for _ in range(5):
        await events(10)
    await await_until(lambda: socket.kinds() == ["lag"], "the notice")
    assert socket.seqs == []
    socket.read_all()
    await await_until(lambda: socket.seqs == list(range(1, 51)), "everything")
    await events(1)
    await await_until(lambda: socket.seqs[-1] == 51, "live again")
    assert socket.kinds() == ["lag"]


async def test_a_socket_that_takes_nothing_is_watched_and_delays_nobody(hub: Hub) -> None:
    socket, other = Socket(hub), Socket(hub)
    await follow(hub, socket, 0)
    await follow(hub, other, 0)
    socket.stop_reading()
    await events(3)
    await await_until(lambda: other.seqs == [1, 2, 3], "the others' events")
    assert (socket.slow, other.slow) == (True, False)


async def test_a_replay_sends_no_more_at_a_time_than_half_the_soft_bound(hub: Hub) -> None:
    frames = [b"x" * 100] * 10
    batch = Batch(STREAM, "e", 7, frames)
    assert beginning_of(batch, 350) == Batch(STREAM, "e", 7, frames[:3])
    assert beginning_of(batch, 1_000) == batch
    assert beginning_of(batch, 50) == Batch(STREAM, "e", 7, frames[:1])


async def test_a_log_made_anew_while_behind_needs_a_snapshot(hub: Hub) -> None:
    """Also where the new log is shorter than the old cursor."""
    await events(20)
    socket = Socket(hub)
    await follow(hub, socket, 10)
    await await_until(lambda: socket.seqs[-1:] == [20], "live")
    socket.stop_reading()
    await events(1)
    await await_until(lambda: socket.kinds() == ["lag"], "the lag")

    def make_anew() -> None:
        Event.objects.filter(stream=STREAM).delete()
        Stream.objects.filter(name=STREAM).delete()
        Log.objects.update(epoch="anew")

    await database.run(make_anew)
    await events(2)
    await await_until(lambda: hub.streams[STREAM].epoch == "anew", "the new epoch")
    socket.read_all()
    await await_until(lambda: "snapshot_required" in socket.kinds(), "the truth")
    assert STREAM not in socket.subscriptions


async def test_a_cursor_of_another_log_or_beyond_the_head_is_refused(hub: Hub) -> None:
    await events(3)
    socket = Socket(hub)
    assert (await follow(hub, socket, 2, epoch="other")).recovered is False
    assert socket.kinds() == ["snapshot_required"]
    with pytest.raises(BadCursor):
        await follow(hub, socket, 4)


async def test_what_is_left_is_sent_no_more(hub: Hub) -> None:
    socket = Socket(hub)
    await follow(hub, socket, 0)
    assert socket.subscriptions.drop(STREAM)
    assert not socket.subscriptions.drop(STREAM)
    await events(3)
    assert socket.seqs == []
    assert hub.streams[STREAM].users == 0
