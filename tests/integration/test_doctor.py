"""`manage.py doctor` on a real installation: well, and with each of its parts broken in turn."""

from __future__ import annotations

import glob
import http.server
import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from realtime.testing.stack import MANAGE, Databases, Stack, free_port, running_stack
from realtime.testing.waiting import wait_until
from tests.support import debian
from tests.support.backstage import Backstage
from tests.support.services import Services

pytestmark = pytest.mark.slow

LIBFAKETIME = "/usr/lib/*/faketime/libfaketime.so.1"
EXAMINE = """
from realtime.doctor import work
from realtime.doctor.registry import Site, run
work.ECHO_TIMEOUT_S = 3.0
result = [[f.level, f"{f.check}: {f.text}", f.mend] for f in run(Site(url=url, origin=origin), only)]
"""


class Patient:
    """An installation with a server, a worker and beat, and a process of it that examines."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.url = stack.start_web()
        self.start_worker()
        stack.start_beat()
        self._backstage = Backstage({**stack.environment, "REALTIME_ORIGINS": self.url})
        wait_until(self.beat_ticks, "beat ticks", timeout_s=60)

    def start_worker(self, *options: str) -> None:
        if "worker" in self.stack.running:
            self.stack.kill("worker")
        worker = self.stack.launch_worker("worker", "--pool", "threads", *options)
        wait_until(lambda: self.stack.runs(worker) and worker.log_has("ready."), "ready", timeout_s=60)

    def run(self, code: str) -> Any:
        return self._backstage.run(code)

    def lines(self, *only: str, url: str = "", origin: str = "") -> dict[str, tuple[str, str]]:
        """What the doctor says: text to level and remedy."""
        url = url or self.url
        found = self._backstage.run(EXAMINE, only=only, url=url, origin=origin or self.url)
        return {text: (level, mend) for level, text, mend in found}

    def line(self, words: str, *only: str, **where: str) -> tuple[str, str]:
        """Level and remedy of the one line with those words."""
        lines = self.lines(*only, **where)
        found = [line for text, line in lines.items() if words in text]
        assert len(found) == 1, lines
        return found[0]

    def beat_ticks(self) -> bool:
        return any(text.startswith("beat: 1 beat ticked") for text in self.lines("beat"))

    def command(self, *words: str, environment: dict[str, str] | None = None) -> tuple[int, str]:
        origins = {"REALTIME_ORIGINS": self.url}
        done = subprocess.run(
            [*MANAGE, "doctor", "--url", self.url, *words],
            env={**os.environ, **self.stack.environment, **origins, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout

    def stop(self) -> None:
        self._backstage.stop()


@pytest.fixture(scope="module")
def patient(databases: Databases, services: Services) -> Iterator[Patient]:
    directory = Path(tempfile.mkdtemp(prefix="doctor-", dir=services.directory))
    with running_stack(directory, database_url=databases.fresh()) as stack:
        patient = Patient(stack)
        yield patient
        patient.stop()


HEALTHY = ("database", "redis", "clocks", "layer", "broker", "workers", "beat", "page", "socket")


def test_an_installation_that_is_well_has_no_other_line(patient: Patient) -> None:
    status, said = patient.command("--json", *HEALTHY)
    document = json.loads(said)
    assert {one["level"] for one in document["findings"]} == {"ok"}, said
    assert {one["check"] for one in document["findings"]} == set(HEALTHY)
    assert (status, document["ok"]) == (0, True)


def test_what_is_wrong_is_a_line_with_a_remedy_and_the_status_says_so(patient: Patient) -> None:
    nowhere = {"DATABASE_URL": f"postgres://nobody:x@127.0.0.1:{free_port()}/none"}
    status, said = patient.command("database", "redis", environment=nowhere)
    (database, redis, _) = said.splitlines()
    assert database.startswith("WRONG   database  The database does not answer")
    assert database.endswith("-> Start it, or correct DATABASE_URL.")
    assert redis.startswith("OK      redis ")
    assert status == 1


def test_a_migration_that_is_missing(patient: Patient) -> None:
    patient.run(
        "from django.db.migrations.recorder import MigrationRecorder as R\n"
        "result = R.Migration.objects.filter(app='log').update(app='gone')"
    )
    level, mend = patient.line("migrations are not applied, the first log.", "database")
    assert (level, mend) == ("wrong", "`manage.py migrate`.")
    patient.run(
        "from django.db.migrations.recorder import MigrationRecorder as R\n"
        "result = R.Migration.objects.filter(app='gone').update(app='log')"
    )
    assert patient.line("Every migration is applied", "database")[0] == "ok"


@pytest.mark.parametrize(
    ("setting", "value", "usual", "words", "level"),
    [
        ("maxmemory-policy", "allkeys-lru", "noeviction", "may throw data away", "wrong"),
        ("maxmemory", "1200000", "0", "of its memory", "warning"),
        ("appendonly", "no", "yes", "forgets waiting tasks", "warning"),
    ],
)
def test_a_redis_that_keeps_nothing(
    patient: Patient, setting: str, value: str, usual: str, words: str, level: str
) -> None:
    patient.stack.redis.command("CONFIG", "SET", setting, value)
    try:
        assert patient.line(words, "redis")[0] == level
    finally:
        patient.stack.redis.command("CONFIG", "SET", setting, usual)


def test_a_queue_that_nobody_reads_and_that_grows(patient: Patient) -> None:
    patient.start_worker("--queues", "urgent,default")
    try:
        lines = patient.lines("workers")
        assert [level for level, _ in lines.values()] == ["ok", "ok", "wrong"]
        assert "--queues bulk" in patient.line("in the queue bulk", "workers")[1]
        patient.run(
            "from realtime.tasks import echo\n"
            "for n in range(1001): echo.apply_async(('key', 'text'), queue='bulk')\n"
            "result = None"
        )
        assert patient.line("in bulk", "broker")[0] == "warning"
        patient.stack.redis.command("FLUSHALL")
    finally:
        patient.start_worker()
    assert all(level == "ok" for level, _ in patient.lines("workers", "broker").values())


def test_a_beat_that_stands_still(patient: Patient) -> None:
    beat = patient.stack.running["beat"]
    beat.send(signal.SIGSTOP)
    try:
        level, mend = patient.line("No beat ticked", "beat")
        assert level == "wrong"
        assert "celery --app realtime.celery beat" in mend
    finally:
        beat.send(signal.SIGCONT)
    wait_until(patient.beat_ticks, "it ticks again", timeout_s=60)


def test_periodic_tasks_that_were_switched_off_deleted_or_mistyped(patient: Patient) -> None:
    beat = patient.stack.running["beat"]
    beat.send(signal.SIGSTOP)  # it would mend what it can
    try:
        patient.run(
            "from django_celery_beat.models import PeriodicTask as P, IntervalSchedule as I\n"
            "P.objects.filter(name='accounts.purge').delete()\n"
            "P.objects.filter(name='realtime.retain').update(enabled=False)\n"
            "P.objects.create(name='own', task='no.such', interval=I.objects.first())\n"
            "result = None"
        )
        lines = patient.lines("beat")
    finally:
        beat.send(signal.SIGCONT)
    for words in (
        "missing: accounts.purge",
        "switched off: realtime.retain",
        "no worker knows: own (no.such)",
    ):
        assert [level for text, (level, _) in lines.items() if words in text] == ["warning"], lines

    def mended() -> bool:
        return not any("are missing" in text for text in patient.lines("beat"))

    wait_until(mended, "beat has made it again", timeout_s=60)
    patient.run(
        "from django_celery_beat.models import PeriodicTask as P, PeriodicTasks\n"
        "P.objects.filter(name='own').delete()\n"
        "P.objects.filter(name='realtime.retain').update(enabled=True); PeriodicTasks.update_changed()\n"
        "result = None"
    )


def test_a_page_of_another_origin_and_an_address_where_nothing_is(patient: Patient) -> None:
    level, mend = patient.line("refuses a WebSocket (403)", "socket", origin="https://elsewhere.example")
    assert (level, mend) == ("wrong", "Add https://elsewhere.example to REALTIME_ORIGINS.")
    nowhere = f"http://127.0.0.1:{free_port()}"
    for one in ("page", "socket"):
        level, mend = patient.line("127.0.0.1", one, url=nowhere)
        assert level == "wrong"
        assert mend.startswith("Start the server and the proxy")


class PlainProxy(http.server.BaseHTTPRequestHandler):
    """A proxy that knows nothing of WebSockets."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b'{"status": "ok"}' if self.path == "/healthz" else b"{}"
        self.send_response(200 if self.path == "/healthz" else 426)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def test_a_proxy_that_passes_no_upgrade(patient: Patient) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), PlainProxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        lines = patient.lines("page", "socket", url=f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
    assert [level for level, _ in lines.values()] == ["ok", "wrong"]
    assert "Let the proxy pass Upgrade" in list(lines.values())[1][1]


def test_a_clock_that_is_wrong(patient: Patient) -> None:
    found = glob.glob(LIBFAKETIME)
    if not found and debian.install("libfaketime"):
        found = glob.glob(LIBFAKETIME)
    if not found:
        pytest.skip("needs libfaketime (Debian: apt-get install libfaketime)")
    late = {"LD_PRELOAD": found[0], "FAKETIME": "-90", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    status, said = patient.command("clocks", environment=late)
    assert status == 1
    assert "90 s behind that of Redis. -> Let both follow the same time server" in said


def test_without_redis_every_part_that_needs_it_says_so_soon(patient: Patient) -> None:
    patient.stack.redis.kill()
    try:
        lines = patient.lines("redis", "clocks", "layer", "broker", "workers", "beat", "page", "socket")
    finally:
        patient.stack.redis.start()
    levels = [level for level, _ in lines.values()]
    assert levels == ["wrong", "ok", "wrong", "wrong", "wrong", "wrong", "ok", "ok"], lines
    mends = [mend for level, mend in lines.values() if level == "wrong"]
    assert mends[0] == "Start it, or correct REDIS_URL."
    assert all(mends)
