"""Large files through a real server: what they cost its memory, and that they delay no socket."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from tests.support.pair import Pair, Person

SIZE = 50 * 1024 * 1024
# Generous, for machines that are busy: a transfer in one piece keeps the loop for longer, and grows by its whole size.
LONGEST_WAIT_S = 1.0
MOST_MORE_KB = 30_000


def form(content: bytes, name: str = "film.bin") -> tuple[bytes, bytes]:
    """The body of a form with a file, and its content type."""
    boundary = uuid4().hex.encode()
    fields = b"".join(
        b'--%b\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n' % (boundary, key, more, value)
        for key, more, value in (
            (b"client_id", b"", uuid4().hex.encode()),
            (b"file", b'; filename="%b"' % name.encode(), content),
        )
    )
    return fields + b"--%b--\r\n" % boundary, b"multipart/form-data; boundary=" + boundary


async def connection(pair: Pair) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(pair.stack.url("a"))
    return await asyncio.open_connection(address.hostname, address.port)


async def sent(pair: Pair, person: Person, body: bytes, type: bytes) -> bytes:
    """The answer to an upload, whole."""
    reader, writer = await connection(pair)
    head = (
        f"POST /api/files HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {person.token}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\nContent-Type: "
    )
    writer.write(head.encode() + type + b"\r\n\r\n")
    for start in range(0, len(body), 262_144):
        writer.write(body[start : start + 262_144])
        await writer.drain()
    answer = await reader.read()
    writer.close()
    return answer


async def asked(pair: Pair, person: Person, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A download that has begun: its head is read."""
    reader, writer = await connection(pair)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {person.token}\r\n\r\n"
    writer.write(request.encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    return reader, writer


def rss_kb(pair: Pair) -> int:
    status = Path(f"/proc/{pair.stack.running['a'].pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


@asynccontextmanager
async def talk(pair: Pair, person: Person, room: int) -> AsyncIterator[list[float]]:
    """Somebody who goes on calling meanwhile; how long each answer took, in seconds."""
    waits: list[float] = []
    async with pair.client(person, "a", f"room:{room}") as client:

        async def call() -> None:
            while True:
                begun = time.monotonic()
                await client.call("chat.typing", room=room)
                waits.append(time.monotonic() - begun)
                await asyncio.sleep(0.06)  # not faster than calls are allowed

        talking = asyncio.create_task(call())
        try:
            yield waits
        finally:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)


def told(what: str, waits: list[float]) -> None:
    ordered = sorted(waits)
    print(
        f"{what}: {len(waits)} calls, median {ordered[len(waits) // 2] * 1000:.1f} ms, "
        f"longest {ordered[-1] * 1000:.1f} ms"
    )
    assert ordered[-1] < LONGEST_WAIT_S


async def test_a_large_file_comes_and_goes_without_delaying_a_socket(pair: Pair) -> None:
    ada = pair.person()
    room = pair.room(ada)
    await sent(pair, ada, *form(b"first"))  # what the first one loads is not counted
    body, type = form(os.urandom(SIZE - 2000))
    async with talk(pair, ada, room) as waits:
        before = rss_kb(pair)
        answer = await sent(pair, ada, body, type)
        assert answer.startswith(b"HTTP/1.1 200"), answer[:300]
        grown = rss_kb(pair) - before
    told("while 50 MB came", waits)
    print(f"memory: {grown} kB more after the upload")
    assert grown < MOST_MORE_KB
    path = answer.decode().split('"url":"')[1].split('"')[0]
    async with talk(pair, ada, room) as waits:
        readers = [await asked(pair, ada, path) for _ in range(2)]
        lengths = await asyncio.gather(*(_read(reader) for reader, _ in readers))
        for _, writer in readers:
            writer.close()
    assert lengths == [SIZE - 2000] * 2
    told("while 50 MB went twice", waits)


async def _read(reader: asyncio.StreamReader) -> int:
    got = 0
    while got < SIZE - 2000:
        got += len(await reader.read(1 << 20))
    return got


async def test_a_reader_who_stops_costs_little_memory(pair: Pair) -> None:
    ada = pair.person()
    answer = await sent(pair, ada, *form(os.urandom(SIZE - 2000)))
    path = answer.decode().split('"url":"')[1].split('"')[0]
    before = rss_kb(pair)
    stopped = [await asked(pair, ada, path) for _ in range(4)]
    async with talk(pair, ada, pair.room(ada)) as waits:
        while len(waits) < 10:
            await asyncio.sleep(0.05)
    assert rss_kb(pair) - before < MOST_MORE_KB
    told("while four readers stood still", waits)
    for _, writer in stopped:
        writer.close()


async def test_a_body_over_the_limit_is_refused_before_it_comes(pair: Pair) -> None:
    ada = pair.person()
    reader, writer = await connection(pair)
    head = (
        f"POST /api/files HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {ada.token}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 10000000000\r\n\r\n"
    )
    writer.write(head.encode())
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"body_too_large" in answer
