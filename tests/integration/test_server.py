"""Our server as clients see it: a real process, real sockets, a trivial application."""

import asyncio
import base64
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import websockets
from websockets.asyncio.client import ClientConnection

from realtime.server.frames import prepare_text_frame
from realtime.testing.waiting import await_until

APP = Path(__file__).with_name("server_app.py")
QUICKLY_S = 5.0
KEY = base64.b64encode(b"0123456789abcdef").decode()


class ServerProcess:
    """The trivial application in a process of its own; `told` are the lines it printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.told: list[dict[str, Any]] = []
        self.port = 0
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.told.append(json.loads(line))

    async def tells(self, **facts: Any) -> None:
        await await_until(lambda: facts in self.told, f"the server tells {facts}; it told {self.told}")

    async def tells_of(self, key: str) -> dict[str, Any]:
        await await_until(lambda: any(key in told for told in self.told), f"the server tells of {key}")
        return next(told for told in self.told if key in told)

    def rss_kb(self) -> int:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")

    async def stop(self) -> int:
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(10):
                status = await self.process.wait()
        except TimeoutError:
            self.process.kill()
            raise
        await self._reader
        return status

    def uri(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.port}{path}"

    @asynccontextmanager
    async def raw(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()

    @asynccontextmanager
    async def raw_websocket(
        self, path: str
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        async with self.raw() as (reader, writer):
            writer.write(handshake(path))
            await reader.readuntil(b"\r\n\r\n")
            yield reader, writer


def handshake(path: str, **changed: str | None) -> bytes:
    headers = {
        "Host": "localhost",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Version": "13",
    } | {name.replace("_", "-"): value for name, value in changed.items()}
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return ("\r\n".join([f"GET {path} HTTP/1.1", *lines]) + "\r\n\r\n").encode()


def client_frame(opcode: int, payload: bytes, *, first: int = 0x80, masked: int = 0x80) -> bytes:
    """A frame with a zero mask, so that what is on the wire can be read. `first`: FIN and RSV bits."""
    length = len(payload)
    if length < 126:
        size = bytes([masked | length])
    elif length < 65_536:
        size = struct.pack("!BH", masked | 126, length)
    else:
        size = struct.pack("!BQ", masked | 127, length)
    return bytes([first | opcode]) + size + (b"\0\0\0\0" if masked else b"") + payload


async def start_server(*arguments: str) -> ServerProcess:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(APP),
        *(arguments or ("0",)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(APP.parents[2])},
    )
    server = ServerProcess(process)
    address = (await server.tells_of("listening"))["listening"]
    server.port = int(address.rpartition(":")[2])
    return server


@pytest.fixture(scope="module")
async def running_server() -> AsyncIterator[ServerProcess]:
    server = await start_server()
    yield server
    assert await server.stop() == 0


@pytest.fixture
def server(running_server: ServerProcess) -> ServerProcess:
    """The same process for every test: what one test does to it must not hurt the next."""
    running_server.told.clear()
    return running_server


async def close_frame(reader: asyncio.StreamReader) -> tuple[int, str]:
    """Code and reason of the close frame that the server sends, whatever came before it."""
    async with asyncio.timeout(QUICKLY_S):
        while True:
            first, length = await reader.readexactly(2)
            if length == 126:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
            payload = await reader.readexactly(length)
            if first & 0x0F == 8:
                return struct.unpack("!H", payload[:2])[0], payload[2:].decode()


async def closed_with(connection: ClientConnection) -> tuple[int, str]:
    async with asyncio.timeout(QUICKLY_S):
        await connection.wait_closed()
    assert connection.close_code is not None
    return connection.close_code, connection.close_reason or ""


# ---------------------------------------------------------------------------------- writing


async def test_prepared_frames_arrive_as_messages(server: ServerProcess) -> None:
    async with websockets.connect(server.uri("/prepared")) as client:
        await client.send("1000")
        async with asyncio.timeout(QUICKLY_S):
            assert [await client.recv() for _ in range(1000)] == [str(n) for n in range(1000)]


@pytest.mark.parametrize("attended", [True, False])
async def test_a_silent_client_is_asked_unless_its_application_does_that(
    server: ServerProcess, attended: bool
) -> None:
    async with websockets.connect(server.uri(f"/silence{'?attended' * attended}")):
        await server.tells(attended=attended, asked=not attended)
    await server.tells(left=True)


async def test_the_accept_headers_of_the_application_are_sent(server: ServerProcess) -> None:
    async with websockets.connect(server.uri("/echo")) as client:
        assert client.response is not None
        assert client.response.headers["x-extra"] == "yes"


@pytest.mark.parametrize("cut_at", [1, 20, -1])
async def test_a_handshake_may_come_in_pieces(server: ServerProcess, cut_at: int) -> None:
    sent = handshake("/echo?a=b")
    async with server.raw() as (reader, writer):
        writer.write(sent[:cut_at])
        await writer.drain()
        await asyncio.sleep(0)
        writer.write(sent[cut_at:])
        await echoes(reader, writer)


@pytest.mark.parametrize("name", ["x_under_score", "X-Latin-1"])
async def test_headers_out_of_the_ordinary_do_no_harm(server: ServerProcess, name: str) -> None:
    async with server.raw() as (reader, writer):
        writer.write(handshake("/echo").replace(b"\r\n\r\n", f"\r\n{name}: \xe9\r\n\r\n".encode("latin1")))
        await echoes(reader, writer)


async def echoes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The handshake is answered, and then a frame."""
    async with asyncio.timeout(QUICKLY_S):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        writer.write(client_frame(1, b"hello"))
        assert await reader.readexactly(7) == b"\x81\x05hello"


async def test_text_binary_and_empty_messages_pass_both_ways(server: ServerProcess) -> None:
    async with websockets.connect(server.uri("/echo")) as client:
        for sent, expected in (("hé", "hé"), ("", ""), (b"\x00\xff", "2 bytes")):
            await client.send(sent)
            assert await client.recv() == expected


async def test_what_a_slow_reader_leaves_is_counted_until_it_reads(server: ServerProcess) -> None:
    async with server.raw_websocket("/flood") as (reader, writer):
        writer.transport.pause_reading()
        told = await server.tells_of("buffered")
        assert 1_000_000 < told["buffered"] <= 8_400_000
        writer.write(client_frame(1, b"go on"))
        writer.transport.resume_reading()
        async with asyncio.timeout(QUICKLY_S):
            await reader.readexactly(128 * (65_530 + 4))
        await server.tells(buffered=0, took_all=True)


async def test_nothing_follows_a_close(server: ServerProcess) -> None:
    async with server.raw_websocket("/late") as (reader, writer), asyncio.timeout(QUICKLY_S):
        writer.write(client_frame(1, b"go on"))
        code = struct.pack("!H", 4408)
        expected = prepare_text_frame(b"in time") + b"\x88\x02" + code
        assert await reader.readexactly(len(expected)) == expected
        writer.write(client_frame(8, code))
        assert await reader.read() == b""


async def test_close_tells_code_and_reason(server: ServerProcess) -> None:
    for code in (1000, 1001, 1008, 1009, 1011, 1012, 1013, 3000, 4001, 4999):
        async with websockets.connect(server.uri("/close")) as client:
            await client.send(str(code))
            assert await closed_with(client) == (code, "see you")
    async with websockets.connect(server.uri("/close")) as client:
        await client.send("4408")
        assert await closed_with(client) == (4408, "too slow, come back")


async def test_abort_cuts_the_connection_and_tells_the_application(server: ServerProcess) -> None:
    async with websockets.connect(server.uri("/abort")) as client:
        await client.send("now")
        assert (await closed_with(client))[0] == 1006
    await server.tells_of("disconnected")


async def test_an_application_that_fails_is_a_close_at_once(server: ServerProcess) -> None:
    async with websockets.connect(server.uri("/fail")) as client, asyncio.timeout(0.8):
        assert (await closed_with(client))[0] == 1011


async def test_a_clock_that_jumps_closes_nothing(server: ServerProcess) -> None:
    async with websockets.connect(server.uri("/clock")) as client, asyncio.timeout(10):
        assert await client.recv() == "still here"


async def test_an_application_that_returns_leaves_no_open_socket_behind(server: ServerProcess) -> None:
    async with websockets.connect(server.uri("/leave")) as client:
        await client.send("go")
        assert (await closed_with(client))[0] == 1000


@pytest.mark.parametrize("path", ["/silent", "/fail"])
async def test_a_request_without_an_answer_is_a_500_with_a_body(server: ServerProcess, path: str) -> None:
    status, _, body = await answer_of(server, request(method="GET", path=path))
    assert (status, json.loads(body)["code"]) == (500, "internal_server_error")


async def test_a_handshake_whose_application_returns_is_a_500(server: ServerProcess) -> None:
    status, _, _ = await answer_of(server, handshake("/silent"))
    assert status == 500


async def test_an_application_that_sends_without_end_is_held_back_by_its_reader(
    server: ServerProcess,
) -> None:
    async with server.raw() as (reader, writer):
        before = server.rss_kb()
        writer.write(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.pause_reading()
        await asyncio.sleep(0.5)  # a time in which an unbounded server buffers hundreds of megabytes
        assert server.rss_kb() - before < 20_000
    await server.tells(endless="ended")


# ---------------------------------------------------------------------------------- what a client may send


async def test_input_waits_in_the_socket_while_the_application_is_behind(server: ServerProcess) -> None:
    async with server.raw_websocket("/sleepy") as (_, writer):
        before = server.rss_kb()
        sent = Sent()
        flood = asyncio.create_task(_flood(writer, sent))
        await sent.stands_still()
        assert not flood.done(), "the server took everything although its application took nothing"
        assert server.rss_kb() - before < 8_000
        async with server.raw_websocket("/sleepy"):
            await flood
            await server.tells(taken=20_000)


class Sent:
    """How many messages went into the socket."""

    count = 0

    async def stands_still(self) -> None:
        before = -1
        while self.count != before:
            before = self.count
            await asyncio.sleep(0.5)


async def _flood(writer: asyncio.StreamWriter, sent: Sent) -> None:
    for number in range(20_000):
        writer.write(client_frame(1, b"%d" % number + b" " * 1500))
        await writer.drain()
        sent.count += 1


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (client_frame(1, b"x" * 131_073), 1009),
        (client_frame(1, b"x" * 3_000_000), 1009),
        (client_frame(1, b"a", first=0) + client_frame(0, b"a", first=0) * 64, 4509),
        (client_frame(1, b"x" * 70_000, first=0) + client_frame(0, b"x" * 70_000), 1009),
        (client_frame(1, b"\xff\xfe"), 1007),
        (client_frame(1, b"text", masked=0), 1002),
        (client_frame(1, b"text", first=0xC0), 1002),
        (client_frame(3, b"text"), 1002),
        (client_frame(9, b"x" * 126), 1002),
        (client_frame(0, b"text"), 1002),
        (client_frame(8, struct.pack("!H", 999)), 1002),
        (client_frame(8, struct.pack("!H", 1005)), 1002),
        (client_frame(8, struct.pack("!H", 1000) + b"\xff"), 1007),
        (client_frame(9, b"") * 200, 4429),
        (client_frame(10, b"") * 200, 4429),
    ],
    ids=[
        "one byte too long",
        "three megabytes",
        "65 fragments",
        "two fragments, together too long",
        "not UTF-8",
        "not masked",
        "reserved bit",
        "reserved opcode",
        "long ping",
        "continuation of nothing",
        "close 999",
        "close 1005",
        "close reason not UTF-8",
        "ping flood",
        "pong flood",
    ],
)
async def test_a_bad_frame_is_answered_with_a_close_frame(
    server: ServerProcess, sent: bytes, expected: int
) -> None:
    async with server.raw_websocket("/echo") as (reader, writer):
        writer.write(sent)
        code, _ = await close_frame(reader)
        assert code == expected
        writer.write(client_frame(1, b"data after close") + client_frame(8, struct.pack("!H", code)))
        async with asyncio.timeout(QUICKLY_S):
            with suppress(ConnectionResetError):
                assert await reader.read() == b""
    async with websockets.connect(server.uri("/echo")) as client:
        await client.send("alive")
        assert await client.recv() == "alive"


async def test_the_largest_legal_message_and_sixty_four_fragments_pass(server: ServerProcess) -> None:
    async with websockets.connect(server.uri("/echo"), max_size=None) as client:
        await client.send("x" * 131_072)
        assert len(await client.recv()) == 131_072
        await client.send(["a"] * 63)  # plus the closing, empty one
        assert await client.recv() == "a" * 63
        await client.send("again")
        assert await client.recv() == "again"


async def test_compression_is_declined_and_works_without(server: ServerProcess) -> None:
    async with websockets.connect(server.uri("/echo"), compression="deflate") as client:
        assert client.response is not None
        assert "Sec-WebSocket-Extensions" not in client.response.headers
        await client.send("plain")
        assert await client.recv() == "plain"


# ---------------------------------------------------------------------------------- the handshake


async def test_an_application_may_refuse_a_handshake_with_an_answer_of_its_own(server: ServerProcess) -> None:
    status, headers, body = await answer_of(server, handshake("/deny"))
    assert (status, headers["x-why"], body) == (403, "foreign", b"not yours")
    await server.tells(denied="websocket.disconnect")


async def test_a_rejected_handshake_is_a_403_with_a_body(server: ServerProcess) -> None:
    status, _, body = await answer_of(server, handshake("/reject"))
    assert (status, json.loads(body)["code"]) == (403, "handshake_refused")


@pytest.mark.slow
async def test_a_handshake_that_the_application_does_not_answer_ends_after_ten_seconds(
    server: ServerProcess,
) -> None:
    status, _, body = await answer_of(server, handshake("/undecided"), timeout_s=14)
    assert (status, json.loads(body)["retry"]) == (503, True)


# ---------------------------------------------------------------------------------- HTTP


async def answer_of(
    server: ServerProcess, request: bytes, *, timeout_s: float = QUICKLY_S
) -> tuple[int, dict[str, str], bytes]:
    async with server.raw() as (reader, writer):
        writer.write(request)
        async with asyncio.timeout(timeout_s):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = (
                await reader.readexactly(int(headers["content-length"]))
                if "content-length" in headers
                else b""
            )
    return int(head[0].split()[1]), headers, body


def request(*headers: str, method: str = "POST", path: str = "/", body: bytes = b"") -> bytes:
    return ("\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *headers]) + "\r\n\r\n").encode(
        "latin1"
    ) + body


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request("Content-Length: 10000000000"), 413),
        (request("Content-Length: 1048577", "Expect: 100-continue"), 413),
        (
            request(
                "Transfer-Encoding: chunked", body=b"100000\r\n" + b"x" * 1_048_576 + b"\r\n5\r\nxxxxx\r\n"
            ),
            413,
        ),
        (request("Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 400),
        (request("Content-Length: 5", "Content-Length: 6", body=b"xxxxx"), 400),
        (request("X-A: a\x0bB", method="GET"), 400),
        (request("X-A: a\x00B", method="GET"), 400),
        (request(*(f"X-{n}: 1" for n in range(501)), method="GET"), 431),
        (request("X-A: " + "x" * 20_000, method="GET"), 431),
        (request(*(f"X-{n}: {'x' * 1000}" for n in range(20)), method="GET"), 431),
        (request(method="GET", path="/" + "x" * 20_000), 414),
        (b"NONSENSE\r\n\r\n", 400),
        (handshake("/ws", Sec_WebSocket_Version="7"), 426),
        (request(method="GET", path="/ws"), 426),
        (handshake("/echo", Sec_WebSocket_Key=None), 400),
    ],
    ids=[
        "10 GB announced",
        "too long, asks first",
        "chunked too long",
        "two framings",
        "two lengths",
        "vertical tab in a header",
        "NUL in a header",
        "501 headers",
        "one long header",
        "long headers together",
        "20 KB address",
        "not HTTP",
        "WebSocket version 7",
        "WebSocket address without upgrade",
        "no key",
    ],
)
async def test_a_bad_request_is_answered_with_a_body(server: ServerProcess, sent: bytes, status: int) -> None:
    got, headers, body = await answer_of(server, sent)
    assert got == status
    assert body
    if status == 426:
        assert headers["upgrade"] == "websocket"
        assert headers["sec-websocket-version"].startswith("13")
    assert (await answer_of(server, request("Content-Length: 4", body=b"body")))[0] == 200


async def test_a_body_up_to_the_limit_is_read(server: ServerProcess) -> None:
    async with server.raw() as (reader, writer):
        writer.write(request("Content-Length: 1048576", "Connection: close", body=b"x" * 1_048_576))
        async with asyncio.timeout(QUICKLY_S):
            assert b"1048576 bytes" in await reader.read()


async def test_an_upload_that_is_refused_costs_no_memory(server: ServerProcess) -> None:
    before = server.rss_kb()
    async with server.raw() as (_, writer):
        writer.write(request("Content-Length: 200000000"))
        try:
            async with asyncio.timeout(QUICKLY_S):
                for _ in range(200):
                    writer.write(b"x" * 1_000_000)
                    await writer.drain()
        except ConnectionError:
            pass
        assert server.rss_kb() - before < 10_000


async def test_two_requests_on_one_connection_are_answered_in_order(server: ServerProcess) -> None:
    async with server.raw() as (reader, writer):
        writer.write(
            request("Content-Length: 3", body=b"abc")
            + request("Content-Length: 5", "Connection: close", body=b"abcde")
        )
        async with asyncio.timeout(QUICKLY_S):
            answered = await reader.read()
    assert answered.index(b"3 bytes") < answered.index(b"5 bytes")


@pytest.mark.slow
async def test_headers_that_trickle_are_cut_after_ten_seconds(server: ServerProcess) -> None:
    loop = asyncio.get_running_loop()
    async with server.raw() as (reader, writer):
        started = loop.time()
        answered = asyncio.create_task(reader.read())
        writer.write(b"GET / HTTP/1.1\r\n")
        while not answered.done() and loop.time() - started < 14:
            try:
                writer.write(b"X-A: b\r\n")
            except ConnectionError:
                break
            await asyncio.wait([answered], timeout=1)
        assert (await answered).startswith(b"HTTP/1.1 408 ")
        assert 9 < loop.time() - started < 13


# ---------------------------------------------------------------------------------- leaving


async def test_sigterm_answers_what_runs_says_goodbye_and_exits_with_success() -> None:
    server = await start_server()
    async with websockets.connect(server.uri("/echo")) as client, server.raw() as (reader, writer):
        writer.write(request("Content-Length: 3", path="/slow", body=b"abc"))
        await server.tells(slow="started")
        server.process.send_signal(signal.SIGTERM)
        await server.tells(hook=True)
        with pytest.raises(OSError, match="refused"), socket.socket() as late:
            late.connect(("127.0.0.1", server.port))
        assert await closed_with(client) == (1012, "The server restarts; please come back.")
        async with asyncio.timeout(QUICKLY_S):
            assert b"3 bytes" in await reader.read()
        async with asyncio.timeout(QUICKLY_S):
            assert await server.process.wait() == 0
    await server.tells(disconnected=1012)


async def test_a_second_signal_exits_at_once() -> None:
    server = await start_server()
    async with server.raw() as (_, writer):
        writer.write(request("Content-Length: 3", path="/slow", body=b"abc"))
        await server.tells(slow="started")
        server.process.send_signal(signal.SIGTERM)
        await server.tells(hook=True)
        server.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(0.5):
            assert await server.process.wait() == 1


def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = subprocess.run(
            [sys.executable, "manage.py", "serve", "--port", str(taken.getsockname()[1])],
            cwd=APP.parents[2],
            capture_output=True,
            text=True,
            timeout=30,
        )
    assert ended.returncode == 1
    assert "Stop the other program or choose another port." in ended.stderr
    assert "Traceback" not in ended.stderr
