"""What an embedded installation consists of: which programs, with which command lines and environment."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from realtime.supervisor import redis_server
from realtime.supervisor.child import Program
from realtime.supervisor.places import redis_socket, var_dir
from realtime.supervisor.preflight import port_number

ORIGIN_HOSTS = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Installation:
    """One installation, as the environment describes it."""

    base: Path
    var: Path
    host: str
    ports: tuple[int, ...]
    database_url: str
    redis_url: str

    @classmethod
    def from_environment(cls, base: Path) -> "Installation":
        """Raises Refusal when a value makes no sense."""
        first = port_number(os.environ.get("PORT") or "8000")
        processes = port_number(os.environ.get("WEB_PROCESSES") or "1")
        return cls(
            base=base,
            var=var_dir(base),
            host=os.environ.get("HOST") or "127.0.0.1",
            ports=tuple(range(first, first + processes)),
            database_url=os.environ.get("DATABASE_URL", ""),
            redis_url=os.environ.get("REDIS_URL", ""),
        )

    @property
    def sqlite_file(self) -> Path | None:
        """The database file of the embedded default; None when DATABASE_URL names another database."""
        return None if self.database_url else self.var / "carillon.sqlite3"

    @property
    def redis_directory(self) -> Path:
        """Where the private redis keeps its data and its log."""
        return self.var / "redis"

    @property
    def redis_log(self) -> Path:
        return self.redis_directory / redis_server.LOG_NAME

    @property
    def environment(self) -> dict[str, str]:
        """What every program of the installation is told."""
        origins = [f"http://{host}:{port}" for port in self.ports for host in ORIGIN_HOSTS]
        return {
            "VAR_DIR": str(self.var),
            "PORT": str(self.ports[0]),
            "REALTIME_ORIGINS": os.environ.get("REALTIME_ORIGINS") or ",".join(origins),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": os.environ.get(
                "PYTHONWARNINGS", "ignore:You're running the worker with superuser privileges"
            ),
        }

    def redis(self) -> Program | None:
        """The private redis; None when REDIS_URL names another one."""
        if self.redis_url:
            return None
        socket = redis_socket(self.var)
        socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.redis_directory.mkdir(exist_ok=True)
        command = redis_server.command(directory=self.redis_directory, unix_socket=socket)
        return Program("redis", command, {}, 5.0)

    def prepare(self) -> Program:
        """Runs once before the others: migrations and, in an empty installation, the demo."""
        return Program("prepare", self._manage("prepare"), self.environment)

    def web(self) -> list[Program]:
        """Our server, one process per port."""
        return [
            Program(
                "web" if len(self.ports) == 1 else f"web{number}",
                self._manage("serve", "--host", self.host, "--port", str(port)),
                self.environment,
                15.0,
            )
            for number, port in enumerate(self.ports, start=1)
        ]

    def background(self) -> list[Program]:
        """Two Celery workers and beat. What is urgent has a worker of its own, and is taken by the other one too."""
        celery = [
            sys.executable,
            "-m",
            "celery",
            "--quiet",
            "--app",
            "realtime.celery",
            "--workdir",
            str(self.base),
        ]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        worker = [*celery, "worker", "--loglevel", "INFO", *quiet]
        # Threads: what is urgent takes milliseconds, and one process is enough for it.
        urgent = ["--hostname", "urgent@%h", "--queues", "urgent", "--pool", "threads", "--concurrency", "4"]
        others = ["--hostname", "worker@%h", "--queues", "urgent,default,bulk", "--concurrency", "2"]
        beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile="]
        return [
            Program("urgent", [*worker, *urgent], self.environment, 12.0),
            Program("worker", [*worker, *others], self.environment, 12.0),
            Program("beat", beat, self.environment, 5.0),
        ]

    def _manage(self, *words: str) -> list[str]:
        return [sys.executable, str(self.base / "manage.py"), *words]
