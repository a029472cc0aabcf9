"""Broadcasts through real workers: each pool, serializer, compression and broker; and what a hostile broker may do."""

from __future__ import annotations

import base64
import json
import pickle
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis

from realtime.testing.stack import Databases, Running, Stack, running_stack
from realtime.testing.waiting import wait_until
from realtime.workers.compression import MAX_MESSAGE_BYTES
from realtime.workers.keys import make_pair
from realtime.workers.messages import SIGNED_TYPE, Messages
from realtime.workers.signing import SignedSerializer
from tests.support.backstage import Backstage
from tests.support.rabbitmq import PrivateRabbitMQ, find_server
from tests.support.services import Services

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PEOPLE = 1_100  # three chunks

POPULATE = """
from accounts.models import User
User.objects.bulk_create(User(username=f"person-{n}", password="!") for n in range(people))
result = User.objects.count()
"""
SEND = """
import io, json
from django.core.management import call_command
said = io.StringIO()
call_command("announce", title, "--to", "person-", stdout=said)
(result,) = json.loads(said.getvalue())
"""
OUTCOME = """
from notifications.models import Broadcast, Notification
lines = Notification.objects.filter(title=title)
result = [Broadcast.objects.get(pk=id).status, lines.count(), lines.values("recipient").distinct().count()]
"""


@dataclass(frozen=True)
class Way:
    """How one worker works, and how its messages look."""

    pool: str
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return "-".join((self.pool, *(value for name, value in self.environment.items() if value != "true")))


# Each pool once, and each serializer, compression and pair of both once.
WAYS = [
    Way("prefork", ("--autoscale", "2,1")),
    Way("solo", (), {"CELERY_SERIALIZER": "msgpack", "CELERY_COMPRESSION": "zlib"}),
    Way("threads", ("--concurrency", "4"), {"CELERY_SERIALIZER": "yaml", "CELERY_COMPRESSION": "bzip2"}),
    Way("gevent", ("--concurrency", "10"), {"CELERY_SERIALIZER": "json", "CELERY_COMPRESSION": "zlib"}),
    Way("eventlet", ("--concurrency", "10"), {"CELERY_SERIALIZER": "pickle", "CELERY_ALLOW_PICKLE": "true"}),
]


class Site:
    """An installation with people in it, where tests start workers."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.backstage = Backstage(stack.environment)
        assert self.backstage.run(POPULATE, people=PEOPLE) == PEOPLE

    def start_worker(self, *options: str, environment: Mapping[str, str] | None = None) -> Running:
        worker = self.stack.launch_worker("worker", *options, environment=environment)
        wait_until(lambda: self.stack.runs(worker) and worker.log_has("ready."), "ready", timeout_s=60)
        return worker

    def sends(self, title: str, backstage: Backstage) -> None:
        """A broadcast, made by that process, reaches each of the people once."""
        id = backstage.run(SEND, title=title)
        wait_until(
            lambda: backstage.run(OUTCOME, id=id, title=title)[0] == "sent", "it is sent", timeout_s=60
        )
        assert backstage.run(OUTCOME, id=id, title=title) == ["sent", PEOPLE, PEOPLE]


@pytest.fixture(scope="module")
def site(databases: Databases, services: Services) -> Iterator[Site]:
    directory = Path(tempfile.mkdtemp(prefix="workers-", dir=services.directory))
    with running_stack(directory, database_url=databases.fresh()) as stack:
        site = Site(stack)
        yield site
        site.backstage.stop()


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.id)
def test_a_broadcast_goes_through_each_pool_and_every_kind_of_message(site: Site, way: Way) -> None:
    """Whoever makes it writes json, as a process of the release before does; the worker writes its own kind."""
    # Root may unpickle only where it insists (Celery).
    environment = {"CELERY_ACCEPT": "json", "C_FORCE_ROOT": "1", **way.environment}
    worker = site.start_worker("--pool", way.pool, *way.options, environment=environment)
    site.sends(f"by {way.pool}", site.backstage)
    assert " E " not in worker.log
    assert worker.stop() == 0, worker.log[-3000:]


def test_a_broadcast_goes_through_rabbitmq(site: Site, tmp_path: Path) -> None:
    if find_server() is None:
        pytest.skip("needs RabbitMQ (Debian: apt-get install rabbitmq-server)")
    rabbitmq = PrivateRabbitMQ(tmp_path / "rabbitmq")
    rabbitmq.start()
    broker = {"CELERY_BROKER_URL": rabbitmq.url}
    backstage = Backstage({**site.stack.environment, **broker})
    try:
        worker = site.start_worker("--pool", "threads", environment=broker)
        site.sends("by RabbitMQ", backstage)
        assert worker.stop() == 0, worker.log[-3000:]
    finally:
        backstage.stop()
        rabbitmq.stop()


class Hostile:
    """Somebody who can write to the broker: one honest message of an installation, and what can be made of it."""

    def __init__(self, stack: Stack, honest: dict[str, Any]) -> None:
        self._redis = redis.Redis(unix_socket_path=str(stack.redis.socket), db=1, socket_timeout=10)
        self.honest = honest

    @classmethod
    def listening(cls, stack: Stack) -> Hostile:
        """Takes the one message that waits."""
        hostile = cls(stack, {})
        hostile.honest = json.loads(hostile._redis.rpop(QUEUE_KEY))
        return hostile

    def put(self, *messages: bytes | str | Any) -> None:
        for message in messages:
            raw = message if isinstance(message, (bytes, str)) else json.dumps(message)
            self._redis.lpush(QUEUE_KEY, raw)

    def changed(self, **parts: Any) -> dict[str, Any]:
        return {**self.honest, **{name.replace("_", "-"): value for name, value in parts.items()}}

    def headed(self, **headers: Any) -> dict[str, Any]:
        return {**self.honest, "headers": {**self.honest["headers"], **headers}}

    def with_body(self, body: bytes, content_type: str = "application/json") -> dict[str, Any]:
        return self.changed(body=base64.b64encode(body).decode(), content_type=content_type)

    def left(self) -> tuple[int, int]:
        """Messages that wait, and those that no worker has acknowledged."""
        return int(self._redis.llen(QUEUE_KEY)), int(self._redis.hlen("carillon:unacked"))


QUEUE_KEY = "carillon:default"
ECHO = """
from realtime.tasks import echo
echo.apply_async((key, "text"), queue="default")
result = None
"""
# Answered once per call, where a worker did the honest task.
ANSWERED = """
from realtime.doctor.storage import connected
with connected() as server:
    result = server.blpop([key], timeout=1) is not None
"""


def goes_on(worker: Running, backstage: Backstage, pid: int) -> None:
    """The very same worker does honest work."""
    backstage.run(ECHO, key="honest")
    wait_until(lambda: backstage.run(ANSWERED, key="honest"), "it goes on", timeout_s=60)
    assert (worker.pid, worker.returncode) == (pid, None), worker.log[-3000:]


def test_no_garbage_in_the_broker_ends_a_worker_or_comes_back(site: Site) -> None:
    site.backstage.run(ECHO, key="taken")
    hostile = Hostile.listening(site.stack)
    worker = site.start_worker("--pool", "prefork")
    pid = worker.pid
    rest = {name: value for name, value in hostile.honest.items() if name != "properties"}
    hostile.put(b"garbage \xff", b"", b"5", b"[1, 2]", b"{}", "[" * 100_000, rest)
    hostile.put(hostile.changed(properties=5), hostile.changed(headers=[1]), hostile.changed(body="%%%"))
    hostile.put(hostile.changed(properties={"delivery_info": {}}), hostile.changed(content_type=5))
    hostile.put(*(hostile.headed(task=task) for task in (5, ["a"], None, "no.such")))
    hostile.put(hostile.headed(id=None), hostile.headed(timelimit="x"), hostile.headed(retries="x"))
    hostile.put(hostile.headed(eta="soon"), hostile.headed(expires="soon"), hostile.changed(headers={}))
    for body in (
        b"5",
        b"null",
        b"",
        b'["k", {}, {}]',
        b"[[], [], {}]",
        b'[[], {}, {"callbacks": 5}]',
        b"[[]]",
    ):
        hostile.put(hostile.with_body(body))
    hostile.put(hostile.with_body(b"abc", "application/text"), hostile.with_body(b"ab\0", "application/data"))
    hostile.put(hostile.with_body(pickle.dumps(((), {}, {})), "application/x-python-serialize"))
    bomb = zlib.compress(b" " * (MAX_MESSAGE_BYTES + 1))
    hostile.put({**hostile.with_body(bomb), "headers": {**hostile.honest["headers"], "compression": "zlib"}})
    goes_on(worker, site.backstage, pid)
    for words in ("Left out what is no message", "untrusted content of type pickle", "unpacks to more than"):
        assert words in worker.log
    assert worker.stop() == 0
    assert hostile.left() == (0, 0)
    assert not site.backstage.run(ANSWERED, key="taken")


def test_of_messages_only_signed_ones_are_done_as_they_were_signed(site: Site, tmp_path: Path) -> None:
    pair, other = (signing(tmp_path / name) for name in ("ours", "theirs"))
    ours, theirs = SignedSerializer(pair), SignedSerializer(other)
    site.backstage.run(ECHO, key="unsigned")
    hostile = Hostile.listening(site.stack)
    unsigned, payload = hostile.honest, json.loads(base64.b64decode(hostile.honest["body"]))

    def signed(by: SignedSerializer, key: str) -> dict[str, Any]:
        body = by.serialize([[key, "text"], *payload[1:]])
        return {**hostile.with_body(body, SIGNED_TYPE), "content-encoding": "binary"}

    forged, honest = signed(theirs, "forged"), signed(ours, "signed")
    worker = site.start_worker("--pool", "prefork", environment=environment_of(pair))
    pid = worker.pid
    body = bytearray(base64.b64decode(honest["body"]))
    body[body.index(b"signed")] ^= 1
    hostile.put(unsigned, forged, {**honest, "body": base64.b64encode(body).decode()})
    hostile.put(hostile.with_body(b"garbage", SIGNED_TYPE), hostile.with_body(b"[[],{},{}]"))
    for change in (
        {"task": "realtime.log.tasks.retain"},
        {"id": "another"},
        {"expires": "2099-01-01T00:00:00+00:00"},
    ):
        hostile.put({**honest, "headers": {**honest["headers"], **change}})
    # An honest message is done once, and refused when it comes again.
    hostile.put(signed(ours, "honest"))
    wait_until(lambda: site.backstage.run(ANSWERED, key="honest"), "it goes on", timeout_s=60)
    hostile.put(signed(ours, "honest"))
    wait_until(lambda: "was done before" in worker.log, "the repetition is refused", timeout_s=60)
    assert (worker.pid, worker.returncode) == (pid, None), worker.log[-3000:]
    for words in (
        "untrusted content of type json",
        "Unknown certificate",
        "does not fit this message",
        "but sent as realtime.log.tasks.retain",
    ):
        assert words in worker.log, words
    assert worker.stop() == 0
    assert hostile.left() == (0, 0)
    for key in ("unsigned", "forged", "signed", "honest"):
        assert not site.backstage.run(ANSWERED, key=key), key


def signing(folder: Path) -> Messages:
    """A new pair."""
    key, certificate = make_pair(folder, name="test", days=1)
    return Messages(key=str(key), certificate=str(certificate), cert_store=str(certificate.parent))


def environment_of(messages: Messages) -> dict[str, str]:
    return {
        "CELERY_SECURITY_KEY": messages.key,
        "CELERY_SECURITY_CERTIFICATE": messages.certificate,
        "CELERY_SECURITY_CERT_STORE": messages.cert_store,
    }
