"""Each fault of the proxy, as both ends see it."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest

from realtime.testing.proxy import Network, Proxy

SILENCE_S = 0.3


@pytest.fixture
def network() -> Iterator[Network]:
    with Network() as network:
        yield network


class Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


@asynccontextmanager
async def echo(network: Network) -> AsyncIterator[Proxy]:
    """A proxy before a server that says everything back."""
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0)
    async with server:
        yield network.proxy(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")


class Caller:
    """One connection through the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    @asynccontextmanager
    async def at(cls, proxy: Proxy) -> AsyncIterator["Caller"]:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        yield cls(reader, writer)
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()

    async def says(self, text: bytes, *, within_s: float = 5.0) -> bytes:
        self.writer.write(text)
        async with asyncio.timeout(within_s):
            return await self.reader.readexactly(len(text))

    async def hears_nothing(self, text: bytes) -> bool:
        try:
            await self.says(text, within_s=SILENCE_S)
        except TimeoutError:
            return True
        return False


async def test_a_healthy_proxy_passes_everything_both_ways(network) -> None:
    async with echo(network) as proxy, Caller.at(proxy) as caller:
        assert await caller.says(b"x" * 300_000) == b"x" * 300_000
        assert proxy.connections == 1


async def test_cut_resets_what_is_open_and_lets_new_ones_pass(network) -> None:
    async with echo(network) as proxy, Caller.at(proxy) as caller:
        await caller.says(b"hi")
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            await caller.says(b"still there?")
        async with Caller.at(proxy) as another:
            assert await another.says(b"hi") == b"hi"


async def test_refuse_closes_the_port_until_healed(network) -> None:
    async with echo(network) as proxy, Caller.at(proxy) as caller:
        await caller.says(b"hi")
        proxy.refuse()
        with pytest.raises(ConnectionResetError):
            await caller.says(b"still there?")
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", proxy.port)
        proxy.heal()
        async with Caller.at(proxy) as another:
            assert await another.says(b"hi") == b"hi"


async def test_in_a_black_hole_connections_stay_open_and_silent_even_after_healing(network) -> None:
    async with echo(network) as proxy, Caller.at(proxy) as before:
        await before.says(b"hi")
        proxy.blackhole()
        async with Caller.at(proxy) as meanwhile:
            assert await before.hears_nothing(b"hello?")
            assert await meanwhile.hears_nothing(b"hello?")
            proxy.heal()
            assert await before.hears_nothing(b"and now?")
            assert await meanwhile.hears_nothing(b"and now?")
        async with Caller.at(proxy) as another:
            assert await another.says(b"hi") == b"hi"


async def test_what_was_frozen_arrives_after_healing(network) -> None:
    async with echo(network) as proxy, Caller.at(proxy) as caller:
        await caller.says(b"hi")
        proxy.freeze()
        assert await caller.hears_nothing(b"hello?")
        proxy.heal()
        assert await caller.reader.readexactly(6) == b"hello?"


async def test_delay_makes_each_way_longer(network) -> None:
    async with echo(network) as proxy, Caller.at(proxy) as caller:
        proxy.delay(0.15)
        began = time.monotonic()
        await caller.says(b"hi")
        assert time.monotonic() - began >= 0.3


async def test_a_trickle_passes_a_byte_a_second_and_everything_after_healing(network) -> None:
    async with echo(network) as proxy, Caller.at(proxy) as caller:
        proxy.trickle()
        began = time.monotonic()
        caller.writer.write(b"slow")
        assert await caller.reader.readexactly(1) == b"s"
        assert await caller.reader.readexactly(1) == b"l"
        assert time.monotonic() - began >= 1.0
        proxy.heal()
        assert await caller.reader.readexactly(2) == b"ow"
