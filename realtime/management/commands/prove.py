"""`manage.py prove`: a private copy of this installation, people who talk in it, faults, and a judgement.

Nothing of the installation itself is touched: the copy has its own folder, ports, Redis and database.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

if TYPE_CHECKING:  # needs packages that not every installation has
    from realtime.testing.conversation import Conversation
    from realtime.testing.proof import Plan
    from realtime.testing.report import Report

# Where a kind of fault has no count: one of each in so many seconds.
ONE_FAULT_EVERY_S = 20.0


class Command(BaseCommand):
    help = "Kills and cuts a private copy of this installation while people talk in it, and checks what they saw."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--minutes", type=float, default=2.0, help="of faults (default: %(default)s)")
        parser.add_argument(
            "--faults",
            default="all",
            help="kinds with or without a count: kill-web=10,redis-empty; all (default); none; list shows them",
        )
        parser.add_argument("--seed", type=int, help="the same seed makes the same plan; printed")
        parser.add_argument("--messages", type=int, default=0, help="go on until so many are acknowledged")
        parser.add_argument(
            "--rate", type=float, default=60.0, help="messages per second (default: %(default)s)"
        )
        parser.add_argument("--people", type=int, default=24, help="(default: %(default)s)")
        parser.add_argument("--rooms", type=int, default=8, help="(default: %(default)s)")
        parser.add_argument("--members", type=int, default=6, help="per room (default: %(default)s)")
        parser.add_argument(
            "--database",
            choices=("sqlite", "postgres"),
            default="sqlite",
            help="postgres: a private server, from the wheel or the machine (default: %(default)s)",
        )
        parser.add_argument(
            "--url", help="no faults: talk at this deployment, such as wss://chat.example.com/ws"
        )
        parser.add_argument("--cast", type=Path, help="with --url: what `manage.py cast` printed there")
        parser.add_argument("--report", type=Path, help="write the report to this file as JSON")
        parser.add_argument("--history", type=Path, help="write what every client saw to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            import websockets  # noqa: F401
        except ImportError:
            raise CommandError("The clients need the websockets package: `uv sync --group test`.") from None
        from realtime.testing.nemesis import KINDS

        if options["faults"] == "list":
            self.stdout.write("\n".join(KINDS))
            return
        if bool(options["url"]) != bool(options["cast"]):
            raise CommandError("--url and --cast go together: run `manage.py cast` on that deployment.")
        # Asked to stop, in either way, it leaves nothing running.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            report, conversation = self._visit(options) if options["url"] else self._prove(options)
        except KeyboardInterrupt:
            raise CommandError("Interrupted: nothing is proved.", returncode=130) from None
        if options["history"]:
            conversation.history.write(options["history"])
        if options["report"]:
            options["report"].write_bytes(report.json())
        self._say(report.text())
        if report.found:
            raise CommandError(f"{report.found} violations; again with --seed {report.seed}", returncode=1)

    def _visit(self, options: dict[str, Any]) -> tuple[Report, Conversation]:
        from realtime.testing.proof import visit

        cast = json.loads(options["cast"].read_bytes())
        return asyncio.run(visit(options["url"], cast, self._plan(options, {}), self._say))

    def _prove(self, options: dict[str, Any]) -> tuple[Report, Conversation]:
        from realtime.testing import nemesis
        from realtime.testing.proof import Proof
        from realtime.testing.proxy import Network
        from realtime.testing.topology import Keeper, Topology, running_topology

        with (
            _private_folder() as directory,
            _database(directory, options["database"]) as (database_url, postgres),
            Network() as network,
        ):
            topology = Topology(directory / "var", network, database_url=database_url, postgres=postgres)
            faults = _counts(options["faults"], nemesis.possible(topology), 60 * options["minutes"])
            plan = self._plan(options, faults)
            with running_topology(topology), Keeper(topology) as keeper:
                return asyncio.run(Proof(topology, keeper, plan, self._say).run())

    def _plan(self, options: dict[str, Any], faults: dict[str, int]) -> Plan:
        from realtime.testing.nemesis import seed_of_this_run
        from realtime.testing.proof import Plan

        seed = options["seed"] if options["seed"] is not None else seed_of_this_run()
        self._say(f"seed {seed}: the same plan again with --seed {seed}")
        return Plan(
            seed=seed,
            duration_s=60 * options["minutes"],
            faults=faults,
            messages=options["messages"],
            people=options["people"],
            rooms=options["rooms"],
            members=options["members"],
            messages_per_s=options["rate"],
        )

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _counts(text: str, possible: list[str], duration_s: float) -> dict[str, int]:
    """`kill-web=10,redis-empty` as counts per kind. Raises CommandError."""
    if text == "none":
        return {}
    usual = max(1, round(duration_s / ONE_FAULT_EVERY_S))
    counts = {}
    for word in possible if text == "all" else text.split(","):
        name, _, count = word.strip().partition("=")
        if name not in possible:
            raise CommandError(f"There is no {name} here. Faults: {', '.join(possible)}.")
        if count and not count.isdigit():
            raise CommandError(f"How many {name}? {count} is no number.")
        counts[name] = int(count or usual)
    return counts


@contextmanager
def _private_folder() -> Iterator[Path]:
    """A short name, because unix sockets allow no long ones."""
    directory = Path(tempfile.mkdtemp(prefix="prove-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _database(directory: Path, kind: str) -> Iterator[tuple[str, Any]]:
    """The URL of a fresh migrated database, and the server where it is our own."""
    from realtime.testing.postgres import NoPostgres, PrivatePostgres
    from realtime.testing.stack import Databases

    if kind == "sqlite":
        yield Databases(directory / "databases", None).fresh(), None
        return
    try:
        postgres = PrivatePostgres(directory / "postgres")
    except NoPostgres as error:
        raise CommandError(str(error)) from None
    postgres.start()
    try:
        yield Databases(directory / "databases", postgres.url).fresh(), postgres
    finally:
        postgres.stop()
