"""How messages look: what the environment may ask for, and what a signature covers."""

from __future__ import annotations

import bz2
import lzma
import pickle
import zlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from celery import current_app
from celery.exceptions import SecurityError
from celery.security.certificate import Certificate, FSCertStore
from celery.security.key import PrivateKey
from celery.security.serialization import SecureSerializer
from django.core.management import CommandError, call_command
from kombu import compression
from kombu.exceptions import ContentDisallowed, DecodeError
from kombu.serialization import registry

from realtime.workers import broker
from realtime.workers.binding import binding
from realtime.workers.checks import check_messages
from realtime.workers.compression import MAX_MESSAGE_BYTES, MessageTooLarge
from realtime.workers.consumer import check
from realtime.workers.keys import make_pair
from realtime.workers.messages import CONTENT_TYPES, SIGNED_TYPE, Messages
from realtime.workers.signing import Signed, SignedSerializer, install


def pair(folder: Path, *, days: int = 30, **fields: Any) -> Messages:
    key, certificate = make_pair(folder, name="test", days=days)
    return Messages(key=str(key), certificate=str(certificate), cert_store=str(certificate.parent), **fields)


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Messages:
    return pair(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def serializer(messages: Messages) -> SignedSerializer:
    return SignedSerializer(messages)


DATA = [[1, "a"], {"b": 2}, {"bound": None}]


def resigned(data: bytes, **changes: Any) -> bytes:
    """The message with other parts under its old signature."""
    return msgspec.msgpack.encode(
        msgspec.structs.replace(msgspec.msgpack.decode(data, type=Signed), **changes)
    )


def test_what_was_signed_is_read_as_it_was(serializer: SignedSerializer) -> None:
    assert serializer.deserialize(serializer.serialize(DATA)) == DATA


def test_a_message_of_which_one_byte_is_another_is_refused(serializer: SignedSerializer) -> None:
    data = serializer.serialize(DATA)
    for position in range(len(data)):
        forged = bytearray(data)
        forged[position] ^= 0x20
        with pytest.raises((SecurityError, msgspec.MsgspecError, UnicodeDecodeError)):
            serializer.deserialize(bytes(forged))


@pytest.mark.parametrize(
    "change",
    [
        {"content_type": CONTENT_TYPES["pickle"]},
        {"content_encoding": "utf-16"},
        {"body": b"[[],{},{}]"},
        {"signature": b""},
        {"signer": "somebody 1"},
    ],
)
def test_no_part_can_be_changed_under_a_signature(
    serializer: SignedSerializer, change: dict[str, Any]
) -> None:
    with pytest.raises(SecurityError):
        serializer.deserialize(resigned(serializer.serialize(DATA), **change))


def test_celerys_own_serializer_lets_the_format_be_changed(messages: Messages) -> None:
    """Why we have one of our own: if this fails, theirs may have become enough."""
    theirs = SecureSerializer(
        PrivateKey(Path(messages.key).read_text()),
        Certificate(Path(messages.certificate).read_text()),
        FSCertStore(messages.cert_store),
    )
    text = pickle.dumps("read as pickle", protocol=0).decode()
    parts = theirs._unpack(theirs.serialize(text))
    # A signed string, with the quotes that JSON puts around it, is not what was meant; the signature still fits.
    parts["content_type"] = "application/x-yaml"
    changed = theirs._pack(
        parts["body"],
        parts["content_type"],
        parts["content_encoding"],
        parts["signer"],
        parts["signature"],
    )
    assert theirs.deserialize(changed) == text


def test_the_key_of_somebody_else_opens_nothing(serializer: SignedSerializer, tmp_path: Path) -> None:
    with pytest.raises(SecurityError, match="Unknown certificate"):
        serializer.deserialize(SignedSerializer(pair(tmp_path)).serialize(DATA))


def test_a_signed_message_in_a_format_that_is_not_accepted_is_refused(
    serializer: SignedSerializer, messages: Messages
) -> None:
    in_yaml = SignedSerializer(replace(messages, serializer="yaml"))
    with pytest.raises(ContentDisallowed):
        serializer.deserialize(in_yaml.serialize(DATA))


def message(content_type: str, headers: dict[str, Any], payload: Any) -> Any:
    return SimpleNamespace(content_type=content_type, headers=headers, payload=payload)


@pytest.mark.parametrize(
    "change",
    [
        {"task": "another.task"},
        {"id": "another"},
        {"expires": "2099-01-01T00:00:00+00:00"},
        {"eta": "2099-01-01T00:00:00+00:00"},
        {"retries": 7},
        {"timelimit": [1, 1]},
    ],
)
def test_a_signed_body_goes_with_its_own_headers_only(change: dict[str, Any]) -> None:
    sent = current_app.amqp.as_task_v2("id", "some.task", (1,), {}, expires=60)
    check(message(SIGNED_TYPE, sent.headers, sent.body))
    with pytest.raises(SecurityError, match="but sent as"):
        check(message(SIGNED_TYPE, {**sent.headers, **change}, sent.body))


def test_a_signed_body_without_its_binding_is_refused() -> None:
    sent = current_app.amqp.as_task_v2("id", "some.task")
    with pytest.raises(SecurityError):
        check(message(SIGNED_TYPE, sent.headers, ([], {}, {})))
    assert binding(sent.headers)[:2] == ["some.task", "id"]


@pytest.mark.parametrize("squeeze", [zlib.compress, bz2.compress, lzma.compress])
def test_a_compressed_message_that_unpacks_to_too_much_is_refused(squeeze: Any) -> None:
    name = {zlib.compress: "zlib", bz2.compress: "bzip2", lzma.compress: "lzma"}[squeeze]
    assert compression.decompress(squeeze(b" " * 1000), name) == b" " * 1000
    with pytest.raises(MessageTooLarge):
        compression.decompress(squeeze(b" " * (MAX_MESSAGE_BYTES + 1)), name)
    with pytest.raises(MessageTooLarge):
        compression.decompress(squeeze(b" " * 1000)[:-5], name)


def test_pickle_is_read_only_where_it_is_switched_on() -> None:
    assert Messages(serializer="pickle").accept_content == []
    assert Messages(serializer="json", accept=("pickle", "yaml")).accept_content == ["json", "yaml"]
    assert Messages(serializer="pickle", allow_pickle=True).accept_content == ["pickle"]


def test_half_a_configuration_never_means_unsigned_messages() -> None:
    half = Messages(cert_store="/somewhere")
    assert (half.task_serializer, half.accept_content) == ("signed", ["signed"])


@pytest.mark.parametrize(
    ("messages", "ids"),
    [
        (Messages(), []),
        (Messages(serializer="msgpack", accept=("json",), compression="zlib"), []),
        (Messages(serializer="xml"), ["realtime.E010"]),
        (Messages(accept=("xml",)), ["realtime.E010"]),
        (Messages(compression="rar"), ["realtime.E011"]),
        (Messages(serializer="pickle"), ["realtime.E012"]),
        (Messages(serializer="pickle", allow_pickle=True), ["realtime.W003"]),
        (Messages(key="/no/such/key"), ["realtime.E013"]),
        (Messages(key="/no/such", certificate="/no/such", cert_store="/no/such"), ["realtime.E014"]),
    ],
)
def test_what_cannot_be_is_told_by_the_checks(settings: Any, messages: Messages, ids: list[str]) -> None:
    settings.TASK_MESSAGES = messages
    assert [found.id for found in check_messages(None)] == ids


def test_a_pair_that_works_passes_and_one_that_has_ended_or_does_not_fit_is_told(
    settings: Any, messages: Messages, tmp_path: Path
) -> None:
    settings.TASK_MESSAGES = messages
    assert check_messages(None) == []
    ended = pair(tmp_path / "ended", days=-1)
    other = pair(tmp_path / "other")
    mixed = Messages(key=other.key, certificate=messages.certificate, cert_store=messages.cert_store)
    for broken in (ended, mixed):
        settings.TASK_MESSAGES = broken
        (found,) = check_messages(None)
        assert found.id == "realtime.E014"
        assert "task_keys" in found.msg


def test_the_command_makes_a_pair_that_nobody_else_can_read_and_never_overwrites_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("task_keys", str(tmp_path / "keys"))
    said = dict(line.split("=") for line in capsys.readouterr().out.splitlines())
    assert Path(said["CELERY_SECURITY_KEY"]).stat().st_mode & 0o077 == 0
    SignedSerializer(
        Messages(
            key=said["CELERY_SECURITY_KEY"],
            certificate=said["CELERY_SECURITY_CERTIFICATE"],
            cert_store=said["CELERY_SECURITY_CERT_STORE"],
        )
    ).probe()
    before = Path(said["CELERY_SECURITY_KEY"]).read_bytes()
    with pytest.raises(CommandError, match="exists: choose another folder"):
        call_command("task_keys", str(tmp_path / "keys"))
    assert Path(said["CELERY_SECURITY_KEY"]).read_bytes() == before


@pytest.mark.parametrize(
    ("redis_url", "url"),
    [
        ("redis://:secret@host:6379/0", "redis://:secret@host:6379/1"),
        ("redis://host:6379", "redis://host:6379/1"),
        ("unix:///var/redis.sock?db=2", "redis+socket:///var/redis.sock?virtual_host=3"),
        ("unix:///var/redis.sock", "redis+socket:///var/redis.sock?virtual_host=1"),
    ],
)
def test_tasks_wait_in_the_database_next_to_the_layers(redis_url: str, url: str) -> None:
    assert broker.beside(redis_url) == url


def test_each_broker_is_told_what_it_understands() -> None:
    assert broker.options("redis://host")["queue_order_strategy"] == "realtime.workers.turns:UrgentFirst"
    assert "visibility_timeout" not in broker.options("amqp://host")
    assert broker.options("amqp://host")["confirm_publish"] is True


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("notifications.tasks.tick", "urgent"),
        ("notifications.tasks.send_broadcast", "default"),
        ("notifications.tasks.send_digests", "bulk"),
        ("realtime.log.tasks.retain", "bulk"),
        ("accounts.tasks.purge", "bulk"),
        ("of.nobody", "default"),
    ],
)
def test_a_task_goes_to_the_queue_of_its_urgency(task: str, queue: str) -> None:
    assert current_app.amqp.router.route({}, task)["queue"].name == queue


def test_decode_errors_of_the_serializer_are_what_a_worker_logs_and_survives(messages: Messages) -> None:
    install(messages)
    try:
        with pytest.raises(DecodeError):
            registry.loads(b"garbage", SIGNED_TYPE, "binary", accept={SIGNED_TYPE})
    finally:
        registry.unregister("signed")
