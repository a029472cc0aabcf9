"""Everything that would make a start fail, checked before anything is started, each with what to do about it."""

import os
import socket
from pathlib import Path

from realtime.supervisor.refusal import Refusal

SQLITE_HEADER = b"SQLite format 3\x00"


def port_number(text: str) -> int:
    """PORT as a number. Raises Refusal."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise Refusal(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def check_port(host: str, port: int) -> None:
    """Raises Refusal when the port cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise Refusal(f"Port {port} needs more rights: choose one above 1023, as PORT=8000.") from None
        except OSError as error:
            if error.errno in {98, 48}:
                raise Refusal(
                    f"Port {port} is taken by another program: stop that, or choose another port, "
                    f"as PORT={port + 1 if port < 65535 else 8000} make run."
                ) from None
            raise Refusal(f"Cannot listen on {host}:{port}: {error.strerror}; set HOST and PORT.") from None


def check_folder(var: Path) -> None:
    """Make the data folder; raises Refusal when it cannot hold data."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        probe = var / f".writable-{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
    except (FileExistsError, NotADirectoryError):
        raise Refusal(f"{var} is not a folder: move that file away, or set VAR_DIR to a folder.") from None
    except OSError as error:
        raise Refusal(
            f"Cannot write to {var} ({error.strerror}): give this user the right to, "
            "free some space, or set VAR_DIR to another folder."
        ) from None


def check_database(path: Path) -> None:
    """Raises Refusal when the SQLite file is something else or cannot be written."""
    if not path.exists():
        return
    if path.is_dir() or not os.access(path, os.R_OK | os.W_OK):
        raise Refusal(f"Cannot read and write {path}: give this user the right to, or move it away.")
    with path.open("rb") as file:
        start = file.read(len(SQLITE_HEADER))
    if start and start != SQLITE_HEADER:
        raise Refusal(f"{path} is not a SQLite database: put a backup in its place, or move it away.")
