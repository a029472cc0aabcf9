"""The order of things: check, start redis, prepare the database, serve, tell the address, keep alive, stop."""

import asyncio
import signal
import time
from pathlib import Path

from realtime.supervisor import fingerprint, leftovers, preflight, redis_server
from realtime.supervisor.child import Child, GaveUp, Program
from realtime.supervisor.output import Output
from realtime.supervisor.places import redis_socket
from realtime.supervisor.programs import Installation
from realtime.supervisor.refusal import Refusal

REDIS_START_TIMEOUT_S = 30.0
MAX_REDIS_DEATHS = 3
PAGE_TIMEOUT_S = 60.0
POLL_S = 0.05
# Written by `manage.py prepare`, shown at every start.
DEMO_ACCOUNTS_NAME = "demo-accounts.txt"


class Supervisor:
    """Runs one installation until it is asked to stop."""

    def __init__(self, installation: Installation, output: Output) -> None:
        self._installation = installation
        self._output = output
        self._children: list[Child] = []
        self._keeping: set[asyncio.Task[None]] = set()
        self._asked_to_stop = asyncio.Event()
        self._began = time.monotonic()

    async def run(self) -> int:
        """The exit status. Raises Refusal when it cannot start."""
        self._listen_to_signals()
        stopping = asyncio.create_task(self._asked_to_stop.wait())
        starting = asyncio.create_task(self._start())
        try:
            await self._until(stopping, starting)
            while not stopping.done():
                await self._until(stopping, *self._keeping)
        finally:
            starting.cancel()
            stopping.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            await self._stop()
        return 0

    async def _until(self, stopping: asyncio.Task[bool], *others: asyncio.Task[None]) -> None:
        done, _ = await asyncio.wait({stopping, *others}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            try:
                task.result()
            except GaveUp as error:
                raise Refusal(str(error)) from None

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._on_signal)

    def _on_signal(self) -> None:
        if self._asked_to_stop.is_set():
            for child in self._children:
                child.kill()
            return
        self._output.say("stopping (again to kill)")
        self._asked_to_stop.set()

    async def _start(self) -> None:
        installation = self._installation
        await self._start_redis()
        if not fingerprint.is_current(installation.base, installation.var, installation.sqlite_file):
            await self._prepare()
        for program in installation.web():
            self._keep(program)
        status = await self._status_of_page()
        # After the first page, because on a small machine they would compete with it.
        for program in installation.background():
            self._keep(program)
        self._greet(status)

    async def _start_redis(self) -> None:
        program = self._installation.redis()
        if program is None:
            return
        socket = redis_socket(self._installation.var)
        if redis_server.answers(socket):
            self._output.say("a redis of a former start still runs; stopping it")
            redis_server.end(socket)
        child, task = self._keep(program)
        deadline = time.monotonic() + REDIS_START_TIMEOUT_S
        set_aside = False
        while not redis_server.answers(socket):
            if child.deaths_in_a_row and not set_aside:
                set_aside = True
                self._set_redis_data_aside()
            if task.done() or child.deaths_in_a_row > MAX_REDIS_DEATHS or time.monotonic() > deadline:
                raise Refusal(f"The private redis does not start: {self._installation.redis_log} says why.")
            await asyncio.sleep(POLL_S)

    def _set_redis_data_aside(self) -> None:
        """Redis only carries what the database has: a damaged file of its own must not keep anyone from starting."""
        directory = self._installation.redis_directory
        kept = redis_server.set_data_aside(directory)
        if kept is not None:
            self._output.say(
                f"redis could not read its data; that is now in {kept}, and nothing durable was in it"
            )

    async def _prepare(self) -> None:
        self._output.say("preparing the database")
        child = self._add(self._installation.prepare())
        returncode = await child.run_once()
        self._children.remove(child)
        if returncode != 0:
            raise Refusal("The database could not be prepared: the lines above say why.")
        fingerprint.mark(self._installation.base, self._installation.var, self._installation.sqlite_file)

    def _add(self, program: Program) -> Child:
        child = Child(program, self._output, self._record)
        self._children.append(child)
        return child

    def _keep(self, program: Program) -> tuple[Child, asyncio.Task[None]]:
        child = self._add(program)
        task = asyncio.create_task(child.keep_running(), name=program.name)
        self._keeping.add(task)
        return child, task

    def _record(self) -> None:
        running = {child.program.name: child.pid for child in self._children if child.pid is not None}
        leftovers.record(self._installation.var, running)

    async def _status_of_page(self) -> int | None:
        host = self._installation.host
        reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        deadline = time.monotonic() + PAGE_TIMEOUT_S
        while time.monotonic() < deadline:
            status = await _status_of_page(reachable, self._installation.ports[0])
            if status is not None:
                return status
            await asyncio.sleep(POLL_S)
        return None

    def _greet(self, status: int | None) -> None:
        addresses = ", ".join(f"http://localhost:{port}" for port in self._installation.ports)
        if status != 200:
            said = "does not answer yet" if status is None else f"answers with the error {status}"
            self._output.say(f"{addresses} {said}: the lines above say why.")
            return
        took_s = time.monotonic() - self._began
        self._output.say("")
        self._output.say(f"Carillon is ready: {addresses}  (after {took_s:.1f} s; Ctrl-C stops it)")
        accounts = self._installation.var / DEMO_ACCOUNTS_NAME
        if accounts.is_file():
            for line in accounts.read_text().splitlines():
                self._output.say(line)
        self._output.say("")

    async def _stop(self) -> None:
        redis = [child for child in self._children if child.program.name == "redis"]
        others = [child for child in self._children if child not in redis]
        # The others need no order between them; all of them use redis until they end.
        await asyncio.gather(*(child.stop() for child in reversed(others)))
        await asyncio.gather(*(child.stop() for child in redis))
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        leftovers.record(self._installation.var, {})
        self._output.say("stopped")


async def _status_of_page(host: str, port: int) -> int | None:
    """The HTTP status of `/`; None when nothing answers."""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 2)
    except (OSError, TimeoutError):
        return None
    try:
        writer.write(f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
        line = await asyncio.wait_for(reader.readline(), 10)
        return int(line.split()[1])
    except (OSError, TimeoutError, ValueError, IndexError):
        return None
    finally:
        writer.close()


def check(installation: Installation, output: Output) -> None:
    """Everything that can be told before the start. The folder must be locked already."""
    for name in leftovers.stop(installation.var):
        output.say(f"{name} of a former start still ran; stopped")
    for port in installation.ports:
        preflight.check_port(installation.host, port)
    if installation.sqlite_file is not None:
        preflight.check_database(installation.sqlite_file)


def supervise(base: Path, output: Output) -> int:
    """Run the installation in `base`. Raises Refusal."""
    installation = Installation.from_environment(base)
    preflight.check_folder(installation.var)
    with leftovers.lock(installation.var):
        check(installation, output)
        return asyncio.run(_run(installation, output))


async def _run(installation: Installation, output: Output) -> int:
    return await Supervisor(installation, output).run()
