"""A bad network on demand: TCP proxies that cut, fall silent, delay, trickle or refuse.

    with Network() as network:
        proxy = network.proxy(f"unix:{socket}")      # or "127.0.0.1:5432"
        ... connect to proxy.address ...
        proxy.blackhole()                            # connections stay, nothing passes, nobody is told
        proxy.heal()                                 # new connections pass; those from before stay dead

All proxies of a network share one thread with a loop of its own, so they work on while the caller's loop or thread is
busy, and every method may be called from any thread. Knows nothing of what passes through it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

R = TypeVar("R")

CHUNK_BYTES = 65_536
# Of the kernel, towards clients: small, so that one who does not read is felt at the other end soon.
BUFFER_BYTES = 65_536
CALL_TIMEOUT_S = 10.0
# Linger for no time: closing throws away what is on its way and sends RST.
LINGER_NONE = struct.pack("ii", 1, 0)


class Network:
    """The thread that all proxies live in."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._proxies: list[Proxy] = []

    def __enter__(self) -> Network:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(CALL_TIMEOUT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CALL_TIMEOUT_S)
        self._loop.close()

    def proxy(self, target: str, *, port: int = 0) -> Proxy:
        """A new proxy on 127.0.0.1 in front of `target`: `host:port`, or `unix:/path`. It listens at once."""
        proxy = Proxy(self, target, port)
        self._proxies.append(proxy)
        return proxy

    def call(self, function: Callable[[], R]) -> R:
        """Runs `function` in the proxies' thread; what it returned."""
        answer: Future[R] = Future()

        def run() -> None:
            try:
                answer.set_result(function())
            except BaseException as error:  # handed to the caller
                answer.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return answer.result(CALL_TIMEOUT_S)

    async def _close(self) -> None:
        await asyncio.gather(*(proxy.close() for proxy in self._proxies))
        await asyncio.sleep(0)  # a turn for the sockets to close

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._loop


@dataclass(eq=False, slots=True)
class _Connection:
    """A client's connection and the one that was made for it."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter | None = None
    dead: bool = False  # it has met a black hole: nothing will ever pass again

    def writers(self) -> list[asyncio.StreamWriter]:
        return [self.near] if self.far is None else [self.near, self.far]

    def reset(self) -> None:
        """Ends it at once; what is on its way is lost."""
        for writer in self.writers():
            raw = writer.get_extra_info("socket")
            if raw is not None and raw.fileno() != -1 and raw.family != socket.AF_UNIX:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
            writer.transport.abort()

    def close(self) -> None:
        """Ends it in good order."""
        for writer in self.writers():
            writer.close()


class Proxy:
    """One listening port. Faults hold until `heal()`."""

    def __init__(self, network: Network, target: str, port: int) -> None:
        self._network = network
        self.target = target
        self._connections: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._black = False
        self._delay_s = 0.0
        self._bytes_per_s = 0
        self._may_pass: asyncio.Event = network.call(asyncio.Event)
        self._listener: socket.socket | None = None
        self._server: asyncio.Task[None] | None = None
        self.port = port
        network.call(self._heal)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """How many are open at this moment, dead ones too."""
        return self._network.call(lambda: len(self._connections))

    # ---- faults

    def cut(self) -> None:
        """Resets (RST) what is open; new connections pass."""
        self._network.call(self._cut)

    def refuse(self) -> None:
        """Resets what is open and accepts nothing: the port is closed."""

        def close() -> None:
            self._stop_listening()
            self._cut()

        self._network.call(close)

    def blackhole(self) -> None:
        """Half-open: what is open or comes now never hears anything again, and is never told."""
        self._network.call(self._blacken)

    def freeze(self) -> None:
        """Nothing passes; at `heal()` all of it does, late."""
        self._network.call(self._may_pass.clear)

    def delay(self, seconds: float) -> None:
        """Everything comes that much later, each way."""

        def slow() -> None:
            self._delay_s = seconds

        self._network.call(slow)

    def trickle(self, bytes_per_s: int = 1) -> None:
        """Each connection passes this many bytes a second, each way."""

        def slow() -> None:
            self._bytes_per_s = bytes_per_s

        self._network.call(slow)

    def heal(self) -> None:
        """Good again, for all connections but those that met a black hole."""
        self._network.call(self._heal)

    # ---- in the proxies' thread

    async def close(self) -> None:
        """Ends everything; the proxy is of no more use."""
        self._stop_listening()
        self._cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _cut(self) -> None:
        for connection in self._connections:
            connection.reset()

    def _blacken(self) -> None:
        self._black = True
        for connection in self._connections:
            connection.dead = True

    def _heal(self) -> None:
        self._black = False
        self._delay_s = 0.0
        self._bytes_per_s = 0
        self._may_pass.set()
        if self._listener is None:
            self._listen()

    def _listen(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(4096)
        listener.setblocking(False)
        self.port = listener.getsockname()[1]
        self._listener = listener
        self._server = self._spawn(self._accept(listener))

    def _stop_listening(self) -> None:
        if self._listener is not None and self._server is not None:
            self._server.cancel()
            self._listener.close()
            self._listener = None

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._network.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _accept(self, listener: socket.socket) -> None:
        while True:
            raw, _ = await self._network.loop.sock_accept(listener)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
            self._spawn(self._carry(raw))

    async def _carry(self, raw: socket.socket) -> None:
        reader, near = await asyncio.open_connection(sock=raw)
        connection = _Connection(near, dead=self._black)
        self._connections.add(connection)
        try:
            with suppress(OSError):
                await self._carry_both_ways(connection, reader)
        finally:
            self._connections.discard(connection)
            connection.close()

    async def _carry_both_ways(self, connection: _Connection, reader: asyncio.StreamReader) -> None:
        if connection.dead:
            await self._until_it_hangs_up(reader)
            return
        far_reader, connection.far = await self._open_target()
        ways = {
            self._spawn(self._pump(connection, reader, connection.far)),
            self._spawn(self._pump(connection, far_reader, connection.near)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            if connection.dead:  # the other end has to find out by itself
                await asyncio.wait(ways)
        finally:
            for way in ways:
                way.cancel()

    async def _open_target(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.target.startswith("unix:"):
            return await asyncio.open_unix_connection(self.target.removeprefix("unix:"))
        host, _, port = self.target.rpartition(":")
        return await asyncio.open_connection(host, int(port))

    async def _pump(
        self, connection: _Connection, source: asyncio.StreamReader, target: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK_BYTES):
                if connection.dead:
                    await self._until_it_hangs_up(source)
                    return
                await self._pass_on(connection, data, target)

    async def _pass_on(self, connection: _Connection, data: bytes, target: asyncio.StreamWriter) -> None:
        await self._may_pass.wait()
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        while data and self._bytes_per_s:
            slow, data = data[: self._bytes_per_s], data[self._bytes_per_s :]
            target.write(slow)
            await asyncio.sleep(1.0)
        if data and not connection.dead:
            target.write(data)
        await target.drain()

    @staticmethod
    async def _until_it_hangs_up(source: asyncio.StreamReader) -> None:
        while await source.read(CHUNK_BYTES):
            continue
