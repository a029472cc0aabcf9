"""How much a request may bring, by its path, whether it says so first or not."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlsplit

import pytest

from tests.support.pair import Pair


def request(path: str, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *headers, "", ""]
    return "\r\n".join(lines).encode()


def chunked(size: int) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (size, b"x" * size)


async def answer(pair: Pair, sent: bytes) -> tuple[int, dict[str, object]]:
    address = urlsplit(pair.stack.url("a"))
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(sent)
    async with asyncio.timeout(10):
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize(("path", "limit"), [("/sse", 131_072), ("/api/auth/token", 1_048_576)])
async def test_a_body_over_the_limit_of_its_path_is_refused_with_that_limit(pair, path, limit) -> None:
    announced = request(path, f"Content-Length: {limit + 1}")
    counted = request(path, "Transfer-Encoding: chunked") + chunked(limit + 1)
    for sent in (announced, counted):
        status, error = await answer(pair, sent)
        assert (status, error["code"]) == (413, "body_too_large")
        assert error["message"] == f"A body may have at most {limit} bytes."


async def test_a_body_that_another_path_would_refuse_is_read(pair) -> None:
    sent = request("/api/auth/token", "Connection: close", "Content-Length: 200000") + b"x" * 200_000
    status, error = await answer(pair, sent)
    assert status < 500
    assert error["code"] != "body_too_large"
