"""django-notifications-hq, which stores a row for each recipient: `notify.send` over a queryset.

It runs outside our environment: its last release needs a Django before 5.1, and its package is named like our app.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.machine import BASE
from benchmarks.subjects import Served, Unavailable, Wanted
from benchmarks.world import DURABLE
from realtime.testing.postgres import PrivatePostgres
from tools.frontend import AUTHORITIES

PACKAGES = (
    "django-notifications-hq==1.8.3",
    "django==5.0.14",
    "setuptools<80",
    "psycopg[binary]",
    "environs[django]",
)
TIMEOUT_S = 300


class NotificationsHQ:
    name = "notifications-hq"
    title = "django-notifications-hq"

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def prepare(self) -> None:
        """Installs its packages. Raises Unavailable without uv."""
        self._python("-c", "import notifications")

    def versions(self) -> str:
        return ", ".join(PACKAGES[:2])

    @contextmanager
    def serve(self, wanted: Wanted) -> Iterator[Served]:
        raise Unavailable("it serves no sockets")
        yield

    def send_to_all(self, users: int) -> tuple[float, int]:
        """The seconds of one `notify.send` to so many users, on PostgreSQL, and the rows that it stored."""
        postgres = PrivatePostgres(
            Path(tempfile.mkdtemp(prefix="hq-", dir=self._directory)), settings=DURABLE
        )
        postgres.start()
        try:
            script = Path(__file__).with_name("send.py")
            seconds, rows = self._python(str(script), postgres.url, str(users)).split()
        finally:
            postgres.stop()
        return float(seconds), int(rows)

    @staticmethod
    def _python(*words: str) -> str:
        uv = shutil.which("uv") or shutil.which(BASE / ".cache" / "uv" / "bin" / "uv")
        if uv is None:
            raise Unavailable("needs uv")
        packages = (word for package in PACKAGES for word in ("--with", package))
        # As in tools/setup: uv brings a list of authorities that knows no company's proxy.
        authorities = {"SSL_CERT_FILE": AUTHORITIES} if os.access(AUTHORITIES, os.R_OK) else {}
        return subprocess.run(
            [uv, "run", "--quiet", "--isolated", "--no-project", *packages, "python", *words],
            cwd="/",
            env={**authorities, **os.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            timeout=TIMEOUT_S,
            check=True,
        ).stdout
