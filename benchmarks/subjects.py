"""What is measured: ours and its peers. Each starts on the server's core and says how its clients talk."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from benchmarks.load import Load
from benchmarks.load.build import compiled
from benchmarks.machine import BASE, SERVER_CORE, on_cores, package_versions
from benchmarks.world import Crowd, Installations, World
from realtime.testing.redis import PrivateRedis
from realtime.testing.stack import Running, free_port
from realtime.testing.waiting import wait_until

PEERS = Path(__file__).resolve().parent / "peers"
START_TIMEOUT_S = 30.0
BUILD_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Talk:
    """How a client connects, enters its room and sends: templates of `benchmarks.load`."""

    path: str
    message: str
    init: Sequence[str] = ()
    ready: str = ""
    framing: str = "plain"
    headers: Mapping[str, str] = field(default_factory=dict)
    ack: str = ""
    errors: str = ""
    answers: Sequence[tuple[str, str]] = ()
    resume: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a scenario wants to be served: so many clients, in rooms; the rest concerns ours alone."""

    connections: int
    rooms: int
    families: int = 1
    speakers: int = 0
    streams: Sequence[str] = ("room:1{room}",)
    database: str = "sqlite"
    environment: Mapping[str, str] = field(default_factory=dict)
    processes: int = 1


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs."""

    ports: Sequence[int]
    talk: Talk
    server_pids: Sequence[int]
    beside_pids: Sequence[int] = ()
    tokens: Sequence[str] = ()
    world: World | None = None

    def load(self, wanted: Wanted, **own: Any) -> Load:
        """A load in this server's words."""
        talk = {name: getattr(self.talk, name) for name in Talk.__dataclass_fields__}
        fixed = {
            "ports": list(self.ports),
            "connections": wanted.connections,
            "rooms": wanted.rooms,
            "tokens": list(self.tokens),
            "server_pids": list(self.server_pids),
            "beside_pids": list(self.beside_pids),
        }
        return Load(**{**fixed, **talk, **own})


class Subject(Protocol):
    """One column of the table."""

    name: str
    title: str

    def prepare(self) -> None:
        """Compiles or installs what is missing. Raises Unavailable when that is not possible here."""

    def versions(self) -> str: ...

    def serve(self, wanted: Wanted) -> AbstractContextManager[Served]: ...


class Unavailable(Exception):
    """A peer that cannot run on this machine; the reason is for the reader of the table."""


class Ours:
    """`manage.py serve`: every message is stored, numbered, idempotent and acknowledged."""

    name = "ours"
    title = "Carillon"

    def __init__(self, installations: Installations) -> None:
        self._installations = installations

    def prepare(self) -> None:
        pass

    def versions(self) -> str:
        return package_versions("django", "channels", "daphne", "msgspec", "redis")

    @contextmanager
    def serve(self, wanted: Wanted) -> Iterator[Served]:
        crowd = Crowd(wanted.connections, wanted.rooms, wanted.families, wanted.speakers)
        with self._installations.world(
            crowd,
            database=wanted.database,
            environment=wanted.environment,
            processes=wanted.processes,
        ) as world:
            beside = [world.stack.redis.pid, *self._installations.postgres_pids]
            yield Served(world.ports, self._talk(wanted), world.server_pids, beside, world.tokens, world)

    @staticmethod
    def _talk(wanted: Wanted) -> Talk:
        return Talk(
            path="/ws",
            init=[hello(*map(stream_at_head, wanted.streams))],
            ready='"welcome"',
            message='{"type":"call","id":{call_id},"name":"chat.message_send",'
            '"args":{"room":1{room},"text":"{mark}","client_id":"{run}-{i}-{seq}"}}',
            ack='{"type":"reply","id":',
            errors='{"type":"error"',
            answers=[('{"type":"ping"', '{"type":"pong"}')],
        )


class CServer:
    """The physical limit: `peers/fanout.c`."""

    def __init__(self, directory: Path, *, name: str, title: str, options: Sequence[str] = ()) -> None:
        self.name, self.title = name, title
        self._directory = directory
        self._options = list(options)

    def prepare(self) -> None:
        self._compiled()

    def versions(self) -> str:
        return "peers/fanout.c"

    @contextmanager
    def serve(self, wanted: Wanted) -> Iterator[Served]:
        port = free_port()
        command = [str(self._compiled()), str(port), *self._options]
        with _program(self.name, command, {}, self._directory, port) as process:
            yield Served([port], Talk(path="/{room}", message="{mark}"), [process.pid])

    @staticmethod
    def _compiled() -> Path:
        return compiled("fanout", [PEERS / "fanout.c"])


class Tutorial:
    """The chat of the Channels tutorial, on Daphne or uvicorn, with either layer of channels_redis."""

    def __init__(self, directory: Path, *, server: str, layer: str) -> None:
        self.name = f"tutorial-{server}-{layer}"
        self.title = f"Channels tutorial, {server}, {layer}"
        self._directory = directory
        self._server, self._layer = server, layer

    def prepare(self) -> None:
        pass

    def versions(self) -> str:
        return package_versions("channels", "channels-redis", self._server)

    @contextmanager
    def serve(self, wanted: Wanted) -> Iterator[Served]:
        port = free_port()
        talk = Talk(
            path="/ws/chat/{room}/",
            headers={"Origin": f"http://127.0.0.1:{port}"},
            message='{"message":"{mark}"}',
        )
        application = "benchmarks.peers.tutorial.asgi:application"
        command = {
            "daphne": ["daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port), application],
            "uvicorn": ["uvicorn", "--log-level", "warning", "--port", str(port), application],
        }[self._server]
        with _private_redis(self._directory) as redis:
            environment = {
                "DJANGO_SETTINGS_MODULE": "benchmarks.peers.tutorial.settings",
                "CHANNEL_LAYER": self._layer,
                "REDIS_URL": redis.url,
            }
            with _program(
                self.name, [sys.executable, "-m", *command], environment, self._directory, port
            ) as process:
                yield Served([port], talk, [process.pid], [redis.pid])


class SocketIOTalk:
    """How both Socket.IO servers are talked to."""

    @staticmethod
    def talk() -> Talk:
        return Talk(
            path="/socket.io/?EIO=4&transport=websocket",
            framing="engineio",
            init=['42["join","{room}"]'],
            ready='42["joined"',
            message='42["chat","{mark}"]',
        )


class PythonSocketIO:
    """python-socketio on uvicorn with its Redis manager."""

    name = "python-socketio"
    title = "python-socketio, uvicorn, Redis"

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def prepare(self) -> None:
        pass

    def versions(self) -> str:
        return package_versions("python-socketio", "uvicorn")

    @contextmanager
    def serve(self, wanted: Wanted) -> Iterator[Served]:
        port = free_port()
        application = "benchmarks.peers.python_socketio:application"
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "--log-level",
            "warning",
            "--port",
            str(port),
            application,
        ]
        with (
            _private_redis(self._directory) as redis,
            _program(self.name, command, {"REDIS_URL": redis.url}, self._directory, port) as process,
        ):
            yield Served([port], SocketIOTalk.talk(), [process.pid], [redis.pid])


class SocketIO:
    """Socket.IO on Node with the Redis adapter."""

    name = "socketio"
    title = "Socket.IO, Node, Redis"

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._folder = PEERS / "socketio"

    def prepare(self) -> None:
        if shutil.which("node") is None or shutil.which("npm") is None:
            raise Unavailable("needs node and npm")
        installed = self._folder / "node_modules" / ".package-lock.json"
        lock = self._folder / "package-lock.json"
        if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
            subprocess.run(
                ["npm", "ci", "--loglevel=error"], cwd=self._folder, check=True, timeout=BUILD_TIMEOUT_S
            )

    def versions(self) -> str:
        listed = subprocess.run(
            [
                "node",
                "-p",
                "[['node', process.versions.node], ...['socket.io', '@socket.io/redis-adapter', 'redis']"
                ".map(name => [name, require(`./node_modules/${name}/package.json`).version])]"
                ".map(pair => pair.join(' ')).join(', ')",
            ],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=True,
            timeout=BUILD_TIMEOUT_S,
        )
        return listed.stdout.strip()

    @contextmanager
    def serve(self, wanted: Wanted) -> Iterator[Served]:
        port = free_port()
        command = ["node", str(self._folder / "server.js"), str(port)]
        with (
            _private_redis(self._directory) as redis,
            _program(
                self.name, command, {"REDIS_SOCKET": str(redis.socket)}, self._directory, port
            ) as process,
        ):
            yield Served([port], SocketIOTalk.talk(), [process.pid], [redis.pid])


def stream_at_head(stream: str) -> str:
    """A stream of `hello` that is followed from now on."""
    return f'{{"stream":"{stream}"}}'


def hello(*streams: str) -> str:
    """Our first frame, with streams as JSON objects."""
    return '{"type":"hello","id":1,"token":"{token}","streams":[' + ",".join(streams) + "]}"


def all_subjects(directory: Path, installations: Installations) -> list[Subject]:
    """Ours first, then the limit, then the peers."""
    return [
        Ours(installations),
        CServer(directory, name="c-send", title="C, one send() each"),
        CServer(directory, name="c-join", title="C, sends joined", options=["--join"]),
        SocketIO(directory),
        PythonSocketIO(directory),
        *(
            Tutorial(directory, server=server, layer=layer)
            for server in ("daphne", "uvicorn")
            for layer in ("core", "pubsub")
        ),
    ]


@contextmanager
def _private_redis(directory: Path) -> Iterator[PrivateRedis]:
    redis = PrivateRedis(Path(tempfile.mkdtemp(prefix="r-", dir=directory)))
    redis.start()
    try:
        yield redis
    finally:
        redis.stop()


@contextmanager
def _program(
    name: str, command: list[str], environment: Mapping[str, str], directory: Path, port: int
) -> Iterator[Running]:
    """Runs a server on the server's core, from when its port answers."""
    with on_cores(SERVER_CORE):
        process = Running(name, command, {"PYTHONPATH": str(BASE), **environment}, directory / f"{name}.log")
        try:
            wait_until(lambda: _listens(process, port), f"{name} listens", timeout_s=START_TIMEOUT_S)
        except BaseException:
            process.kill()
            raise
    try:
        yield process
    finally:
        process.kill()


def _listens(process: Running, port: int) -> bool:
    if process.returncode is not None:
        raise RuntimeError(f"{process.name} ended with {process.returncode}: {process.log[-4000:]}")
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
