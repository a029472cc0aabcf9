"""The load generator against servers that lose, double, misroute and reorder on purpose: it must say exactly that."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection

from benchmarks.load import Load, LoadFailed, Result, Separate, run
from benchmarks.load.build import HERE, Unsupported, compiled, compiler, program
from realtime.testing.stack import free_port
from tests.support.room_server import Refusing, RoomServer, in_thread

try:
    compiler()
except Unsupported as reason:
    pytest.skip(str(reason), allow_module_level=True)

MESSAGE = '{"room":{room},"id":{call_id},"from":{i},"number":{seq},"text":"{mark}{pad}"}'
PUBLISHER = Separate(connections=1, path="/publish")


def measured(server: RoomServer, **fields: Any) -> Result:
    """What 20 messages to 10 connections in 2 rooms come to, unless told otherwise."""
    load = {
        "path": "/{room}",
        "connections": 10,
        "rooms": 2,
        "message": MESSAGE,
        "rate": 200.0,
        "warmup_s": 0.0,
        "duration_s": 0.1,
        "drain_s": 0.3,
        "ack": '"type":"reply","id":{call_id}',
        "publisher": PUBLISHER,
    }
    with in_thread(server.listening) as port:
        return run(Load(ports=[port], **{**load, **fields}))


def number_of(text: str) -> int:
    return int(json.loads(text)["data"]["number"])


# ---- counting


class Losing(RoomServer):
    async def deliver(self, member: Connection, text: str) -> None:
        if not (number_of(text) == 3 and member is self.members[1][0]):
            await super().deliver(member, text)


class Doubling(RoomServer):
    async def deliver(self, member: Connection, text: str) -> None:
        await super().deliver(member, text)
        if number_of(text) == 4:
            await super().deliver(member, text)


class Misrouting(RoomServer):
    async def fan_out(self, room: int, text: str) -> None:
        await super().fan_out(room, text)
        if number_of(text) == 5:
            await super().fan_out(1 - room, text)


class Reordering(RoomServer):
    """Holds message 6 back until message 8, the next in the same room, is out."""

    async def fan_out(self, room: int, text: str) -> None:
        if number_of(text) == 6:
            self.held = text
            return
        await super().fan_out(room, text)
        if number_of(text) == 8:
            await super().fan_out(room, self.held)


class Failing(RoomServer):
    async def acknowledge(self, socket: Connection, id: int) -> None:
        await socket.send(f'{{"type":"error","id":{id},"message":"no \\"room\\""}}')


def faults(result: Result) -> dict[str, int]:
    names = ("lost", "duplicates", "wrong_room", "reordered", "errors", "unsent", "closed")
    return {name: getattr(result, name) for name in names if getattr(result, name)}


def test_counts_what_arrives() -> None:
    result = measured(RoomServer())
    assert (result.sent, result.expected, result.delivered, result.acknowledged) == (20, 100, 100, 20)
    assert (result.latency_ms.count, result.ack_latency_ms.count) == (100, 20)
    assert result.connect.ok == 10
    assert result.clean


def test_a_generator_that_spins_counts_the_same_and_does_not_call_its_waiting_work() -> None:
    result = measured(Losing(), spin=True, drain_s=1.0)  # it spins for the one that never comes
    assert faults(result) == {"lost": 1}
    assert result.generator_util < 0.5


@pytest.mark.parametrize(
    ("server", "found"),
    [
        (Losing(), {"lost": 1}),
        (Doubling(), {"duplicates": 5}),
        (Misrouting(), {"wrong_room": 5}),
        (Reordering(), {"reordered": 5}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_counts_exactly_what_went_wrong(server: RoomServer, found: dict[str, int]) -> None:
    result = measured(server)
    assert faults(result) == found
    assert result.delivered == 100 - found.get("lost", 0)
    assert not result.clean


def test_order_between_senders_is_the_servers_choice() -> None:
    result = measured(Reordering(), publisher=Separate(connections=20, path="/publish"))
    assert faults(result) == {}


def test_subscribers_send_in_turn_to_their_own_rooms() -> None:
    server = RoomServer()
    result = measured(server, publisher={"kind": "subscribers"})
    assert result.clean
    assert result.delivered == 100
    senders = Counter(json.loads(text)["data"]["from"] for text in server.log[1])
    # A server that is late reads them in an order of its own.
    assert senders == dict.fromkeys([1, 3, 5, 7, 9], 2)


def test_a_sender_that_gets_no_copy_is_not_expected_to() -> None:
    class Omitting(RoomServer):
        async def deliver(self, member: Connection, text: str) -> None:
            sender = json.loads(text)["data"]["from"]
            if self.members[sender % 2].index(member) != sender // 2:
                await super().deliver(member, text)

    with in_thread(Omitting().listening) as port:
        result = run(
            Load(
                ports=[port],
                path="/{room}",
                connections=10,
                rooms=2,
                message=MESSAGE,
                rate=200,
                warmup_s=0,
                duration_s=0.1,
                connect_concurrency=1,  # the server numbers its members in the order in which they come
                self_delivery=False,
            )
        )
    assert (result.expected, result.delivered) == (80, 80)
    assert result.clean


def test_keeps_the_first_error_frame() -> None:
    result = measured(Failing(), errors='"type":"error"')
    assert (result.errors, result.acknowledged) == (20, 0)
    assert json.loads(result.first_error)["message"] == 'no "room"'


# ---- time


class Stalling(RoomServer):
    async def fan_out(self, room: int, text: str) -> None:
        await super().fan_out(room, text)
        if len(self.log[0]) + len(self.log[1]) == 10:
            time.sleep(0.3)


def test_counts_latency_from_when_a_message_was_due() -> None:
    """Without that, the messages that a stalled server keeps from being sent would not be counted as slow."""
    result = measured(Stalling(), duration_s=0.5, drain_s=3)
    assert result.clean
    assert result.latency_ms.max >= 280
    assert result.latency_ms.p90 >= 200
    assert result.ack_latency_ms.p90 >= 200


def test_does_not_measure_the_warm_up() -> None:
    result = measured(Stalling(), warmup_s=0.5, drain_s=3)
    assert (result.sent, result.latency_ms.count) == (120, 100)
    assert result.clean


def test_histogram_is_less_than_one_percent_off() -> None:
    library = ctypes.CDLL(str(compiled("histogram.so", [HERE / "histogram.c"], "-shared", "-fPIC", "-lm")))
    library.histogram_quantile.restype = ctypes.c_double
    histogram = ctypes.create_string_buffer(1 << 17)
    picks = random.Random(3)
    values = sorted(round(10 ** picks.uniform(0, 11)) for _ in range(20_000))
    for value in values:
        library.histogram_add(histogram, ctypes.c_int64(value))
    for fraction in (0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0):
        exact = values[max(round(fraction * len(values)) - 1, 0)]
        assert library.histogram_quantile(histogram, ctypes.c_double(fraction)) == pytest.approx(
            exact, rel=0.01
        )


# ---- the ways of servers


class EngineIo(RoomServer):
    """Greets as Socket.IO does, and pings once in between."""

    async def handle(self, socket: ServerConnection) -> None:
        await socket.send('0{"sid":"a","pingInterval":25000}')
        assert await socket.recv() == "40"
        await socket.send('40{"sid":"b"}')
        await socket.send("2")
        await super().handle(socket)

    async def take(self, socket: Connection, text: str) -> None:
        if text.startswith("42"):
            await super().take(socket, text[2:])
        else:
            self.received.append(text)

    async def deliver(self, member: Connection, text: str) -> None:
        await super().deliver(member, "42" + text)


def test_speaks_socket_io() -> None:
    server = EngineIo()
    result = measured(server, framing="engineio", message="42" + MESSAGE)
    assert result.clean
    assert result.delivered == 100
    assert server.received == ["3"] * 11


class Fragmenting(RoomServer):
    async def deliver(self, member: Connection, text: str) -> None:
        await member.send([text[:20], text[20:60], text[60:]])


def test_reads_fragmented_messages() -> None:
    assert measured(Fragmenting()).clean


def test_reads_frames_that_come_in_pieces() -> None:
    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, size: int) -> None:
        try:
            while data := await reader.read(size):
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()

    with in_thread(RoomServer().listening) as port:

        async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(forward(reader, back, 65536), forward(there, writer, 7))

        with in_thread(partial(listening_raw, proxy)) as slow_port:
            result = run(
                Load(
                    ports=[slow_port],
                    path="/{room}",
                    connections=4,
                    message=MESSAGE,
                    pad=300,
                    rate=50,
                    warmup_s=0,
                    duration_s=0.2,
                )
            )
    assert result.clean
    assert result.delivered == 40


@asynccontextmanager
async def listening_raw(handle: Any) -> AsyncIterator[asyncio.Server]:
    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        yield server


class Asking(RoomServer):
    async def handle(self, socket: ServerConnection) -> None:
        await socket.send('{"type":"ping","id":9}')
        pong = await socket.ping()
        await pong
        await super().handle(socket)


def test_answers_pings_of_both_kinds() -> None:
    server = Asking()
    measured(server, answers=[('{"type":"ping"', '{"type":"pong","by":{i}}')])
    assert sorted(json.loads(text)["by"] for text in server.received) == list(range(11))


class Dying(RoomServer):
    async def fan_out(self, room: int, text: str) -> None:
        await super().fan_out(room, text)
        if number_of(text) == 9:
            for member in [*self.members[0], *self.members[1]]:
                member.transport.abort()


def test_what_a_server_that_dies_does_not_deliver_is_lost() -> None:
    result = measured(Dying(), publisher={"kind": "subscribers"})
    assert (result.expected, result.lost, result.closed) == (100, 50, 10)
    assert result.sent + result.unsent == 20
    assert result.unsent > 0
    assert result.first_failure.startswith("The server ended a connection")


class Swallowing(RoomServer):
    async def take(self, socket: Connection, text: str) -> None:
        pass


@pytest.mark.parametrize("mode", ["publish", "storm"])
def test_a_server_that_delivers_nothing_ends_the_run_in_time(mode: str) -> None:
    result = measured(Swallowing(), mode=mode, missed=10)
    assert (result.sent, result.expected, result.lost) == (20, 100, 100)


class Closing(RoomServer):
    async def handle(self, socket: ServerConnection) -> None:
        await socket.close(4503, "account disabled")


def test_a_close_frame_is_told_with_its_code() -> None:
    result = measured(Closing(), mode="idle", hold_s=0, ready="welcome")
    assert (result.connect.ok, result.connect.failed) == (0, 10)
    assert result.first_failure == "The server closed a connection with code 4503: account disabled."


def test_a_refused_handshake_is_told() -> None:
    result = measured(Refusing())
    assert (result.connect.ok, result.connect.failed) == (0, 11)
    assert result.first_failure == "The handshake was answered with HTTP/1.1 503 Service Unavailable."


def test_a_server_that_is_not_there_is_told() -> None:
    port = free_port()
    result = run(Load(ports=[port], connections=3, mode="idle", hold_s=0))
    assert (result.connect.ok, result.connect.failed) == (0, 3)
    assert result.first_failure == f"Connecting to port {port}: Connection refused."


def test_a_server_that_says_nothing_ends_the_run_in_time() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    began = time.monotonic()
    with in_thread(partial(listening_raw, say_nothing)) as port:
        result = run(
            Load(
                ports=[port],
                connections=50,
                mode="idle",
                hold_s=0,
                connect_concurrency=2,
                connect_timeout_s=0.2,
            )
        )
    assert (result.connect.ok, result.connect.failed) == (0, 50)
    assert "took longer than 0.2 s" in result.first_failure
    assert time.monotonic() - began < 5


# ---- the other modes


def test_connect_opens_and_closes_all_the_time() -> None:
    result = measured(RoomServer(), mode="connect", duration_s=0.3, connect_concurrency=4)
    assert result.connect.ok > 10
    assert result.connect.latency_ms.count == result.connect.ok
    assert result.connect.failed == 0


def test_idle_measures_the_processes_and_their_children() -> None:
    busy = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'], timeout=30)"
    with subprocess.Popen([sys.executable, "-c", busy], start_new_session=True) as parent:
        try:
            result = measured(RoomServer(), mode="idle", hold_s=0.5, server_pids=[parent.pid])
        finally:
            os.killpg(parent.pid, 9)
    assert result.server.cpu_s > 0.05
    assert result.server.rss_mb > 5
    assert result.beside.cpu_s == 0


HELLO = '{"type":"hello","room":{room},"epoch":"{epoch_seen}","seq":{seq_seen}}'
STORM = {"mode": "storm", "init": [HELLO], "ready": '"welcome"', "missed": 5, "drain_s": 5, "retry_s": 0.1}


@pytest.mark.parametrize("cut", ["reset", "close"])
def test_a_storm_comes_back_and_catches_up(cut: str) -> None:
    result = measured(RoomServer(), cut=cut, **STORM)
    assert result.storm is not None
    assert (result.storm.back, result.storm.caught_up, result.storm.attempts) == (10, 10, 10)
    assert (result.expected, result.delivered) == (50, 50)
    assert 0 < result.storm.back_s <= result.storm.caught_up_s < 5
    assert result.clean


class Forgetful(RoomServer):
    def missed(self, log: list[str], hello: dict[str, Any]) -> list[str]:
        return super().missed(log, hello)[1:]


class Repeating(RoomServer):
    def missed(self, log: list[str], hello: dict[str, Any]) -> list[str]:
        missed = super().missed(log, hello)
        return missed + missed[-1:]


def test_a_storm_that_loses_is_told() -> None:
    result = measured(Forgetful(), **{**STORM, "drain_s": 0.5})
    assert result.storm is not None
    assert (result.storm.back, result.storm.caught_up) == (10, 0)
    assert faults(result) == {"lost": 10}


def test_a_storm_that_repeats_is_told() -> None:
    assert faults(measured(Repeating(), **STORM)) == {"duplicates": 10}


class Reluctant(RoomServer):
    """Refuses every second handshake of a connection that returns."""

    handshakes = 0

    def answer(self, socket: ServerConnection, request: object) -> object:
        self.handshakes += 1
        if self.handshakes > 11 and self.handshakes % 2:
            return socket.respond(503, "later\n")  # type: ignore[arg-type]
        return None


def test_a_storm_tries_again_where_it_is_refused() -> None:
    server = Reluctant()
    result = measured(server, **STORM)
    assert result.storm is not None
    assert (result.storm.back, result.storm.caught_up) == (10, 10)
    assert result.storm.attempts == server.handshakes - 11
    assert result.storm.failed == result.storm.attempts - 10
    assert result.storm.failed > 0


# ---- plans


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ports": []}, "The plan names no port."),
        ({"ports": [70000]}, '"ports" in the plan has 70000: expected 1 to 65535.'),
        ({"rooms": 3}, "The plan has more rooms than connections."),
        ({"rate": 0}, "The plan needs a rate above 0 to publish."),
        ({"message": "hello"}, "The message of the plan needs {mark} in it."),
        ({"mode": "lazy"}, '"mode" in the plan is "lazy": expected one of publish, idle, connect, storm.'),
        ({"init": ["{token}"]}, "The plan uses {token} but has no tokens."),
        ({"tokens": "/nowhere"}, "The file of tokens can't be read: /nowhere."),
        ({"mode": "storm"}, 'A storm needs publishers of kind "separate": its subscribers are away.'),
        ({"duration_s": -1}, '"duration_s" in the plan is -1: expected 0 to 86400.'),
        ({"headers": {"A": "b\r\nC: d"}}, 'The header "A" in the plan is not one line of name and value.'),
        ({"rate": 1e7, "duration_s": 3600}, "expected 1 to 50000000."),
    ],
    ids=str,
)
def test_a_bad_plan_is_refused_with_a_sentence(fields: dict[str, Any], sentence: str) -> None:
    plan = {"ports": [1], "connections": 2, "message": "{mark}", "rate": 1, **fields}
    with pytest.raises(LoadFailed) as failed:
        run(Load(**plan))
    assert sentence in str(failed.value)
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "The plan is not JSON: something is wrong at byte 0.\n"),
        (b'{"mode": ["idle", ]}', "The plan is not JSON: something is wrong at byte 18.\n"),
        (b"[" * 100, "The plan is not JSON: something is wrong at byte 17.\n"),
        (b'"\xf0\\u00"', "The plan is not JSON: something is wrong at byte 6.\n"),
        (b"[]", "The plan has to be a JSON object.\n"),
        (b"{}", 'The plan lacks the field "mode".\n'),
    ],
)
def test_what_is_no_plan_ends_with_status_2(text: bytes, sentence: str) -> None:
    done = subprocess.run([program()], input=text, capture_output=True, timeout=10, check=False)
    assert (done.returncode, done.stderr.decode()) == (2, sentence)


def test_a_machine_without_a_compiler_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    with pytest.raises(Unsupported, match="needs a C compiler: install one"):
        compiled("load", sorted(HERE.glob("*.c")))
