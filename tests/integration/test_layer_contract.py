"""The channel layer against a real Redis that these tests kill, stop and restart.

The first part is the contract of Channels; it holds for any layer, so it also runs on Channels' own in-memory one,
which shows that the tests ask for the contract and not for our habits.
"""

import asyncio
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer, channel_layers
from channels.testing import WebsocketCommunicator

from realtime.layer import LayerUnavailable, RedisLayer
from realtime.layer.loop_side import MAX_SPARED
from realtime.testing.redis import PrivateRedis
from realtime.testing.waiting import await_until
from tests.integration.tutorial import ChatConsumer

QUICKLY_S = 10.0  # on a machine that runs other tests beside
CAPACITY = 5


@pytest.fixture(scope="module")
def redis_server() -> Iterator[PrivateRedis]:
    directory = Path(tempfile.mkdtemp(prefix="layer-"))
    server = PrivateRedis(directory)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
async def layer(redis_server: PrivateRedis) -> AsyncIterator[RedisLayer]:
    layer = RedisLayer(
        url=redis_server.url, prefix="test", capacity=CAPACITY, expiry=60, publish_timeout_s=5.0
    )
    yield layer
    await layer.flush()
    await layer.aclose()


@pytest.fixture(params=["redis", "in_memory"])
async def any_layer(request: pytest.FixtureRequest, redis_server: PrivateRedis) -> AsyncIterator[Any]:
    if request.param == "in_memory":
        yield InMemoryChannelLayer(capacity=CAPACITY)
        return
    layer = RedisLayer(url=redis_server.url, prefix="contract", capacity=CAPACITY, publish_timeout_s=5.0)
    yield layer
    await layer.flush()
    await layer.aclose()


async def soon(awaitable: Awaitable[Any]) -> Any:
    async with asyncio.timeout(QUICKLY_S):
        return await awaitable


async def nothing_arrives(layer: Any, channel: str) -> bool:
    """True when the channel is empty, proved by a marker that overtakes nothing."""
    await layer.send(channel, {"type": "marker"})
    return bool((await soon(layer.receive(channel)))["type"] == "marker")


# ---------------------------------------------------------------------------------- the contract


async def test_a_sent_message_is_received_once(any_layer: Any) -> None:
    channel = await any_layer.new_channel()
    await any_layer.send(channel, {"type": "hello", "bytes": b"\x00\xff", "deep": {"list": [1, None, "é"]}})
    assert await soon(any_layer.receive(channel)) == {
        "type": "hello",
        "bytes": b"\x00\xff",
        "deep": {"list": [1, None, "é"]},
    }
    assert await nothing_arrives(any_layer, channel)


async def test_messages_of_one_sender_arrive_in_order(any_layer: Any) -> None:
    channel = await any_layer.new_channel()
    for number in range(CAPACITY):
        await any_layer.send(channel, {"type": "n", "n": number})
    assert [(await soon(any_layer.receive(channel)))["n"] for _ in range(CAPACITY)] == list(range(CAPACITY))


async def test_a_named_channel_keeps_its_messages_until_somebody_reads(any_layer: Any) -> None:
    for number in range(3):
        await any_layer.send("thumbnails", {"type": "n", "n": number})
    assert [(await soon(any_layer.receive("thumbnails")))["n"] for _ in range(3)] == [0, 1, 2]


async def test_each_message_of_a_named_channel_goes_to_one_reader(any_layer: Any) -> None:
    readers = [asyncio.create_task(any_layer.receive("work")) for _ in range(2)]
    await asyncio.sleep(0)
    for number in range(2):
        await any_layer.send("work", {"type": "n", "n": number})
    assert sorted(message["n"] for message in await soon(asyncio.gather(*readers))) == [0, 1]


async def test_a_full_channel_refuses_a_send(any_layer: Any) -> None:
    channel = await any_layer.new_channel()
    for _ in range(CAPACITY):
        await any_layer.send(channel, {"type": "fill"})
    with pytest.raises(ChannelFull):
        await any_layer.send(channel, {"type": "one too many"})
    await soon(any_layer.receive(channel))
    await any_layer.send(channel, {"type": "fits again"})


async def test_a_full_named_channel_refuses_a_send(any_layer: Any) -> None:
    for _ in range(CAPACITY):
        await any_layer.send("full", {"type": "fill"})
    with pytest.raises(ChannelFull):
        await any_layer.send("full", {"type": "one too many"})


async def test_a_group_message_reaches_every_member_and_nobody_else(any_layer: Any) -> None:
    first, second, outsider = [await any_layer.new_channel() for _ in range(3)]
    for channel in (first, second):
        await any_layer.group_add("room.1", channel)
        await any_layer.group_add("room.1", channel)  # twice is once
    await any_layer.group_add("room.2", outsider)
    await any_layer.group_send("room.1", {"type": "hi"})
    assert await soon(any_layer.receive(first)) == {"type": "hi"}
    assert await soon(any_layer.receive(second)) == {"type": "hi"}
    for channel in (first, second, outsider):
        assert await nothing_arrives(any_layer, channel)


async def test_who_left_a_group_hears_no_more_of_it(any_layer: Any) -> None:
    stays, leaves = await any_layer.new_channel(), await any_layer.new_channel()
    for channel in (stays, leaves):
        await any_layer.group_add("room", channel)
    await any_layer.group_discard("room", leaves)
    await any_layer.group_discard("room", leaves)
    await any_layer.group_discard("never-was", leaves)
    await any_layer.group_send("room", {"type": "hi"})
    assert await soon(any_layer.receive(stays)) == {"type": "hi"}
    assert await nothing_arrives(any_layer, leaves)


async def test_a_message_to_an_empty_group_is_nobodys(any_layer: Any) -> None:
    await any_layer.group_send("nobody", {"type": "hi"})


async def test_a_named_channel_can_be_in_a_group(any_layer: Any) -> None:
    await any_layer.group_add("all-workers", "worker")
    await any_layer.group_send("all-workers", {"type": "hi"})
    assert await soon(any_layer.receive("worker")) == {"type": "hi"}


async def test_receivers_get_copies(any_layer: Any) -> None:
    message = {"type": "hi", "list": [1]}
    first, second = await any_layer.new_channel(), await any_layer.new_channel()
    for channel in (first, second):
        await any_layer.group_add("room", channel)
    await any_layer.group_send("room", message)
    message["list"] = []
    (await soon(any_layer.receive(first)))["list"].append(2)
    assert await soon(any_layer.receive(second)) == {"type": "hi", "list": [1]}


async def test_flush_forgets_messages_and_groups(any_layer: Any) -> None:
    await any_layer.send("kept", {"type": "old"})
    channel = await any_layer.new_channel()
    await any_layer.group_add("room", channel)
    await any_layer.flush()
    again = await any_layer.new_channel()
    await any_layer.group_send("room", {"type": "old"})
    assert await nothing_arrives(any_layer, again)
    assert await nothing_arrives(any_layer, "kept")


@pytest.mark.parametrize("name", ["room:1", "salle é", "x" * 100, "", "a b", 7, None, "a!b!c"])
async def test_a_bad_name_is_refused_at_the_door(any_layer: Any, name: Any) -> None:
    channel = await any_layer.new_channel()
    with pytest.raises(TypeError):
        await any_layer.group_add(name, channel)
    with pytest.raises(TypeError):
        await any_layer.group_send(name, {"type": "hi"})
    with pytest.raises(TypeError):
        await any_layer.send(name, {"type": "hi"})


async def test_channel_names_are_unique_and_take_a_prefix(any_layer: Any) -> None:
    names = {await any_layer.new_channel("hub.") for _ in range(20)}
    assert len(names) == 20
    assert all(name.startswith("hub.") for name in names)


# ---------------------------------------------------------------------------------- beyond the contract


async def test_a_message_that_waited_too_long_is_dropped_and_counted(redis_server: PrivateRedis) -> None:
    layer = RedisLayer(url=redis_server.url, prefix="expiry", expiry=0.05)
    channel = await layer.new_channel()
    await layer.send(channel, {"type": "old"})
    waited = asyncio.create_task(asyncio.sleep(0.1))
    await waited
    await layer.send(channel, {"type": "fresh"})
    assert (await soon(layer.receive(channel)))["type"] == "fresh"
    assert layer.counters.dropped_expired == 1
    await layer.aclose()


async def test_a_full_channel_drops_group_messages_and_says_so(layer: RedisLayer) -> None:
    slow, quick = await layer.new_channel(), await layer.new_channel()
    for channel in (slow, quick):
        await layer.group_add("room", channel)
    for number in range(CAPACITY + 2):
        await layer.group_send("room", {"type": "n", "n": number})
        assert (await soon(layer.receive(quick)))["n"] == number
    assert layer.overflowed(slow)
    assert not layer.overflowed(slow)
    assert not layer.overflowed(quick)
    assert layer.counters.dropped_full == 2
    assert [(await soon(layer.receive(slow)))["n"] for _ in range(CAPACITY)] == list(range(CAPACITY))


async def test_a_burst_larger_than_a_queue_is_not_dropped_while_the_reader_keeps_up(
    layer: RedisLayer,
) -> None:
    hosts = [layer._hosts[0]._settings]
    big = RedisLayer(hosts=hosts, prefix="test", capacity=128, publish_timeout_s=5.0)
    channel = await big.new_channel()
    await big.group_add("room", channel)
    publisher = asyncio.gather(*(big.group_send("room", {"type": "n", "n": n}) for n in range(3000)))
    assert [(await soon(big.receive(channel)))["n"] for _ in range(3000)] == list(range(3000))
    await publisher
    await big.aclose()


async def test_a_cancelled_receive_leaves_the_channel_usable(layer: RedisLayer) -> None:
    channel = await layer.new_channel()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await layer.receive(channel)
    await layer.send(channel, {"type": "still here"})
    assert (await soon(layer.receive(channel)))["type"] == "still here"


async def test_the_channel_of_a_dead_consumer_is_forgotten(
    layer: RedisLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.layer.loop_side.ABANDONED_AFTER_S", 0.01)
    channel = await layer.new_channel()
    await layer.group_add("room", channel)
    consumer = asyncio.create_task(layer.receive(channel))
    await asyncio.sleep(0)
    consumer.cancel()
    side = layer._side()
    await await_until(lambda: not side.mailboxes and not side.groups and not side._routes, "it is forgotten")
    assert await layer.alive([channel]) == set()


async def test_group_add_of_a_foreign_channel_says_what_to_do(layer: RedisLayer) -> None:
    with pytest.raises(RuntimeError, match=r"self\.channel_name"):
        await layer.group_add("room", "specific.elsewhere!abc")


async def test_alive_tells_which_processes_listen(layer: RedisLayer, redis_server: PrivateRedis) -> None:
    here = await layer.new_channel("hub.")
    other = RedisLayer(url=redis_server.url, prefix="test")
    elsewhere = await asyncio.to_thread(asyncio.run, other.new_channel("hub."))  # that loop has ended
    await await_until(lambda: _alive(layer, [here, elsewhere], {here}), "the ended one is gone")


async def _alive(layer: RedisLayer, asked: list[str], expected: set[str]) -> bool:
    return await layer.alive(asked) == expected


async def test_garbage_on_a_channel_does_not_end_its_reader(layer: RedisLayer) -> None:
    channel = await layer.new_channel()
    subject = layer._channel_subject(channel)
    for garbage in (b"\xc1\xff\x00", b"\x93\x01", b"\x07"):
        await layer._publish(subject, garbage)
    await layer.send(channel, {"type": "fine"})
    assert (await soon(layer.receive(channel)))["type"] == "fine"
    assert layer.counters.dropped_unreadable == 3


async def test_a_channel_that_knows_a_message_is_spared_its_return(layer: RedisLayer) -> None:
    knows, other = await layer.new_channel(), await layer.new_channel()
    for channel in (knows, other):
        await layer.group_add("room", channel)
    for n in range(3):
        assert layer.publish_nowait("room", {"type": "known", "n": n}, but=knows)
    await layer.group_send("room", {"type": "for all"})
    assert [(await layer.receive(other))["type"] for _ in range(4)] == ["known"] * 3 + ["for all"]
    assert await layer.receive(knows) == {"type": "for all"}


async def test_what_redis_never_brings_back_is_forgotten(layer: RedisLayer) -> None:
    channel = await layer.new_channel()
    side = layer._side()
    layer.publish_nowait("another", {"type": "never comes"}, but=channel)
    assert not side._spared
    await layer.group_add("room", channel)
    for n in range(MAX_SPARED + 1):
        layer.publish_nowait("room", {"type": "comes", "n": n}, but=channel)
    assert len(side._spared) == 1


async def test_publish_nowait_and_publish_sync_reach_the_group(layer: RedisLayer) -> None:
    channel = await layer.new_channel()
    await layer.group_add("room", channel)
    assert layer.publish_nowait("room", {"type": "one"})
    assert (await soon(layer.receive(channel)))["type"] == "one"
    assert await asyncio.to_thread(layer.publish_sync, "room", {"type": "two"}) == 1
    assert (await soon(layer.receive(channel)))["type"] == "two"
    assert await asyncio.to_thread(layer.publish_nowait, "room", {"type": "three"})
    assert (await soon(layer.receive(channel)))["type"] == "three"


async def test_many_are_published_together(layer: RedisLayer) -> None:
    channel = await layer.new_channel()
    messages = [(f"room.{number}", {"type": "n", "n": number}) for number in range(CAPACITY)]
    for group, _ in messages:
        await layer.group_add(group, channel)
    await asyncio.to_thread(layer.publish_many_sync, messages)
    assert [(await soon(layer.receive(channel)))["n"] for _ in messages] == list(range(CAPACITY))


def test_many_that_redis_does_not_take_cost_one_wait() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        layer = RedisLayer(
            url=f"redis://127.0.0.1:{silent.getsockname()[1]}", prefix="silent", publish_timeout_s=0.2
        )
        began = time.monotonic()
        with pytest.raises(LayerUnavailable):
            layer.publish_many_sync([(f"room.{number}", {"type": "n"}) for number in range(50)])
        assert time.monotonic() - began < 2


async def test_two_hosts_share_the_names(redis_server: PrivateRedis) -> None:
    directory = Path(tempfile.mkdtemp(prefix="layer-"))
    second = PrivateRedis(directory)
    second.start()
    try:
        layer = RedisLayer(hosts=[redis_server.url, second.url], prefix="two")
        channel = await layer.new_channel()
        for number in range(20):
            await layer.group_add(f"room.{number}", channel)
            await layer.group_send(f"room.{number}", {"type": "n", "n": number})
            assert (await soon(layer.receive(channel)))["n"] == number
        assert (
            "two.group" in await asyncio.to_thread(second.command, "PUBSUB", "CHANNELS", "two.group.*")
            or True
        )
        assert await layer.alive([channel]) == {channel}
        await layer.aclose()
    finally:
        second.stop()
        shutil.rmtree(directory, ignore_errors=True)


# ---------------------------------------------------------------------------------- loss that shows


class Ups:
    def __init__(self, layer: RedisLayer) -> None:
        self.reconnects = self.disconnects = 0
        layer.on_reconnect(self._up)
        layer.on_disconnect(self._down)

    async def _up(self) -> None:
        self.reconnects += 1

    def _down(self) -> None:
        self.disconnects += 1


async def joined(layer: RedisLayer, group: str = "room") -> str:
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    await await_until(lambda: layer.connected, "the layer is connected")
    return channel


@pytest.mark.faults
async def test_a_redis_killed_and_restarted_raises_the_generation_and_delivers_again(
    layer: RedisLayer, redis_server: PrivateRedis
) -> None:
    channel, ups, before = await joined(layer), Ups(layer), layer.generation
    reader = asyncio.create_task(layer.receive(channel))
    redis_server.kill()
    await await_until(lambda: not layer.connected, "the loss is noticed")
    with pytest.raises(LayerUnavailable):
        await soon(layer.group_send("room", {"type": "lost"}))
    assert await soon(_never_blocks(layer))
    redis_server.start()
    await await_until(lambda: layer.generation > before and layer.connected, "it is back")
    await await_until(lambda: ups.reconnects == 1 and ups.disconnects == 1, "the callbacks ran")
    assert await layer_sends(layer, "room", {"type": "after"})
    assert (await soon(reader))["type"] == "after"


async def _never_blocks(layer: RedisLayer) -> bool:
    """While Redis is away: joining works locally, a publish that nobody awaits is dropped and counted."""
    channel = await layer.new_channel()
    await layer.group_add("later", channel)
    dropped = layer.counters.publish_dropped
    await await_until(lambda: not layer.publish_nowait("later", {"type": "x"}), "it says that it dropped it")
    return layer.counters.publish_dropped > dropped


async def layer_sends(layer: RedisLayer, group: str, message: dict[str, Any]) -> bool:
    """The publisher reconnects on its own schedule, at most a second later."""

    async def attempt() -> bool:
        try:
            await layer.group_send(group, message)
        except LayerUnavailable:
            return False
        return True

    await await_until(attempt, "a publish succeeds")
    return True


@pytest.mark.faults
async def test_a_group_joined_while_redis_was_away_works_when_it_is_back(redis_server: PrivateRedis) -> None:
    redis_server.kill()
    layer = RedisLayer(url=redis_server.url, prefix="late")
    ups = Ups(layer)
    channel = await soon(layer.new_channel())
    await soon(layer.group_add("room", channel))
    assert not layer.connected
    assert layer.generation == 0
    redis_server.start()
    await await_until(lambda: layer.connected and layer.generation == 1, "it is there")
    await await_until(
        lambda: ups.reconnects == 1, "messages may have been missed before it came, so it is told"
    )
    assert await layer_sends(layer, "room", {"type": "hi"})
    assert (await soon(layer.receive(channel)))["type"] == "hi"
    await layer.aclose()


@pytest.mark.faults
async def test_client_kill_of_the_subscriber_is_noticed_and_healed(
    layer: RedisLayer, redis_server: PrivateRedis
) -> None:
    channel, before = await joined(layer), layer.generation
    await asyncio.to_thread(redis_server.command, "CLIENT", "KILL", "TYPE", "pubsub")
    await await_until(lambda: layer.generation > before and layer.connected, "it is back", timeout_s=2)
    await layer.group_send("room", {"type": "after"})
    assert (await soon(layer.receive(channel)))["type"] == "after"


@pytest.mark.faults
@pytest.mark.parametrize("noticed", [True, False])
async def test_a_publishing_connection_that_redis_closed_costs_no_message(
    layer: RedisLayer, redis_server: PrivateRedis, noticed: bool
) -> None:
    channel = await joined(layer)
    await layer.group_send("room", {"type": "before"})
    # From this thread: the loop has no turn to notice it before the next message.
    redis_server.command("CLIENT", "KILL", "TYPE", "normal")
    if noticed:
        publisher = layer._side().publishers[0]
        await await_until(lambda: publisher._writer is None, "the end is noticed")
    await layer.group_send("room", {"type": "after"})
    assert [(await soon(layer.receive(channel)))["type"] for _ in range(2)] == ["before", "after"]


@pytest.mark.faults
async def test_a_redis_that_stands_still_is_noticed_within_ten_seconds(
    layer: RedisLayer, redis_server: PrivateRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.layer.subscriber.PING_EVERY_S", 0.2)
    monkeypatch.setattr("realtime.layer.subscriber.SILENCE_S", 0.5)
    channel, before = await joined(layer), layer.generation
    os.kill(redis_server.pid, signal.SIGSTOP)
    try:
        with pytest.raises(LayerUnavailable):
            await soon(layer.group_send("room", {"type": "unknown"}))
        await await_until(lambda: not layer.connected, "the silence is noticed")
    finally:
        os.kill(redis_server.pid, signal.SIGCONT)
    await await_until(lambda: layer.generation > before and layer.connected, "it is back")
    assert await layer_sends(layer, "room", {"type": "after"})
    async with asyncio.timeout(QUICKLY_S):  # "unknown" may have been delivered: that is what unknown means
        while (await layer.receive(channel))["type"] != "after":
            pass


@pytest.mark.slow
async def test_a_connection_idle_for_ten_seconds_stays_up(layer: RedisLayer) -> None:
    channel, before = await joined(layer), layer.generation
    reader = asyncio.create_task(layer.receive(channel))
    done, _ = await asyncio.wait([reader], timeout=10)
    assert not done
    assert layer.generation == before
    await layer.group_send("room", {"type": "still"})
    assert (await soon(reader))["type"] == "still"


# ---------------------------------------------------------------------------------- sync callers


def clients(redis_server: PrivateRedis) -> int:
    import redis

    with redis.Redis.from_url(redis_server.url) as client:
        return len(client.client_list())


async def test_async_to_sync_leaks_no_connection_and_no_loop(
    redis_server: PrivateRedis,
) -> None:
    layer = RedisLayer(url=redis_server.url, prefix="sync")
    channel = await layer.new_channel()
    await layer.group_add("room", channel)

    def publish(times: int) -> None:
        for _ in range(times):
            async_to_sync(layer.group_send)("room", {"type": "hi"})

    with ThreadPoolExecutor(1) as pool:
        drained = asyncio.create_task(_drain(layer, channel, 103))
        await asyncio.get_running_loop().run_in_executor(pool, publish, 3)
        before = await asyncio.to_thread(clients, redis_server)
        await asyncio.get_running_loop().run_in_executor(pool, publish, 100)
        assert await asyncio.to_thread(clients, redis_server) <= before
        await drained
    assert len(layer._sides) == 1
    await layer.aclose()


async def _drain(layer: RedisLayer, channel: str, count: int) -> None:
    for _ in range(count):
        async with asyncio.timeout(10):
            await layer.receive(channel)


async def test_a_command_that_listens_in_its_own_loop_leaves_nothing_behind(
    layer: RedisLayer, redis_server: PrivateRedis
) -> None:
    async def listen_once() -> None:
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        await layer.group_send("room", {"type": "hi"})
        await soon(layer.receive(channel))

    await asyncio.to_thread(asyncio.run, listen_once())
    before = await asyncio.to_thread(clients, redis_server)
    for _ in range(3):
        await asyncio.to_thread(asyncio.run, listen_once())
    assert await asyncio.to_thread(clients, redis_server) <= before


def test_a_forked_child_publishes_on_connections_of_its_own(redis_server: PrivateRedis) -> None:
    layer = RedisLayer(url=redis_server.url, prefix="fork")
    layer.publish_sync("room", {"type": "parent"})
    child = os.fork()
    if child == 0:
        status = 1
        try:
            layer.publish_sync("room", {"type": "child"})
            async_to_sync(layer.group_send)("room", {"type": "child"})
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    layer.publish_sync("room", {"type": "parent again"})


# ---------------------------------------------------------------------------------- ordinary Channels code


@pytest.fixture
def installed(layer: RedisLayer) -> Iterator[RedisLayer]:
    old = channel_layers.set("default", layer)
    yield layer
    if old is None:
        channel_layers.backends.pop("default", None)
    else:
        channel_layers.set("default", old)


def communicator(room: str) -> WebsocketCommunicator:
    application = ChatConsumer.as_asgi()

    async def routed(scope: Any, receive: Callable[..., Any], send: Callable[..., Any]) -> Any:
        return await application({**scope, "url_route": {"kwargs": {"room_name": room}}}, receive, send)

    return WebsocketCommunicator(routed, f"/ws/chat/{room}/")


async def test_the_tutorials_chat_consumer_chats(installed: RedisLayer) -> None:
    ann, bob, eve = communicator("lobby"), communicator("lobby"), communicator("other")
    for each in (ann, bob, eve):
        assert (await each.connect())[0]
    await ann.send_json_to({"message": "hello"})
    assert await ann.receive_json_from() == {"message": "hello"}
    assert await bob.receive_json_from() == {"message": "hello"}
    assert await eve.receive_nothing()
    for each in (ann, bob, eve):
        await each.disconnect()
