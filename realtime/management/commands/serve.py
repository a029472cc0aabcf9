"""`manage.py serve`: run the project on our server until SIGTERM or Ctrl-C."""

from __future__ import annotations

import gc
import logging
import os
import resource
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from realtime import conf

logger = logging.getLogger("realtime.server")


# How long a database thread may keep the event loop waiting (docs/decisions/0004). Python's own 5 ms add up: a fan-out
# lets go of the interpreter at every write.
THREAD_TURN_S = 0.0005


class Command(BaseCommand):
    help = "Serves HTTP and WebSockets with flow control and a drain on SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument(
            "--port", type=int, default=8000, help="TCP port (default: %(default)s); 0 picks one"
        )
        parser.add_argument("--fd", type=int, help="listen on this inherited socket instead")
        parser.add_argument(
            "--behind-proxy",
            action="store_true",
            help="trust X-Forwarded-* (only behind a proxy that overwrites them)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # Loading the server installs Twisted's reactor on a new asyncio loop: not before it is wanted.
        from daphne.management.commands.runserver import get_default_application

        from realtime.server.server import BACKLOG, Server

        raise_open_files_limit()
        if options["fd"] is not None:
            endpoint = f"fd:fileno={options['fd']}"
        else:
            interface = options["host"].strip("[]").replace(":", r"\:")
            endpoint = f"tcp:port={options['port']}:interface={interface}:backlog={BACKLOG}"
        server = Server(
            get_default_application(),
            endpoints=[endpoint],
            drain_deadline_s=conf.get("DRAIN_DEADLINE_S"),
            drain_batch_percent=conf.get("DRAIN_BATCH_PERCENT"),
            max_body_bytes=conf.get("MAX_BODY_BYTES"),
            max_body_bytes_by_path=conf.get("MAX_BODY_BYTES_BY_PATH"),
            behind_proxy=options["behind_proxy"] or getattr(settings, "BEHIND_PROXY", False),
            on_listening=self._say_where,
        )
        spare_full_collections()
        sys.setswitchinterval(THREAD_TURN_S)
        server.run()
        if server.listen_failure is not None:
            raise CommandError(
                f"Cannot listen on {options['host']}:{options['port']} ({server.listen_failure}). "
                "Stop the other program or choose another port."
            )

    def _say_where(self, address: str) -> None:
        self.stdout.write(f"Listening on http://{address} (process {os.getpid()}).")
        self.stdout.flush()


def spare_full_collections() -> None:
    """Makes the garbage collector look at everything once in a million new objects, not every few seconds.

    A full collection stops the process for 150 ms at 1,000 sockets (docs/decisions/0006), and finds little: what a
    message leaves behind goes with its reference counts or in the young generations. Closed sockets wait for it.
    """
    gc.collect()
    gc.freeze()  # the code and the registries never become garbage
    gc.set_threshold(10_000, 20, 5)


def raise_open_files_limit() -> None:
    """Each socket is a file: use all that the system allows this process, and say where that is little."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    wanted: int = conf.get("MIN_OPEN_FILES")
    if hard != resource.RLIM_INFINITY and hard < wanted:
        logger.warning(
            "This process may open %d files, and each socket is one: allow %d (ulimit -Hn, LimitNOFILE, OPEN_FILES).",
            hard,
            wanted,
        )
