"""Requests to addresses that people gave: where they may go, and within which bounds."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time
from email.utils import format_datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from notifications.channels import outbound
from notifications.channels.base import Refused, Retry, Sent
from notifications.channels.outbound import (
    Answer,
    Unreachable,
    checked_target,
    outcome_of,
    post,
    retry_after_s,
)
from notifications.errors import BadEndpoint, UnknownHost
from tests.support.http_peer import HttpPeer, Reply

PRIVATE = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0",
    "0.0.0.0",
    "localhost",
    "localhost.",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::127.0.0.1]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fc00::1]",
    "[fd00::1]",
    "[ff02::1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[2001:db8::1]",
]
MALFORMED = [
    "",
    "https://",
    "https:///push",
    "//93.184.216.34/push",
    "/push",
    "http://93.184.216.34/push",
    "ftp://93.184.216.34/push",
    "file:///etc/passwd",
    "gopher://93.184.216.34/",
    "javascript:alert(1)",
    "https://ada@93.184.216.34/",
    "https://93.184.216.34:80:80/",
    "https://93.184.216.34:99999/",
    "https://93.184.216.34:0/",
    "https://[::1",
    "https://93.184.216.34\\@127.0.0.1/",
    "https://93.184.216.34/a b",
    "https://93.184.216.34/\r\nX-Evil: 1",
    "https://93.184.216.34/\0",
    "https://bücher.example/",
    "https://93.184.216.34/" + "a" * 1000,
]


@pytest.mark.parametrize("host", PRIVATE)
def test_no_form_of_a_private_address_is_an_endpoint(host: str) -> None:
    for url in (f"https://{host}/push", f"https://{host}:8443/", f"http://{host}/"):
        with pytest.raises(BadEndpoint):
            checked_target(url)


@pytest.mark.parametrize("url", MALFORMED)
def test_what_is_no_https_address_is_no_endpoint(url: str) -> None:
    with pytest.raises(BadEndpoint):
        checked_target(url)


def test_an_unknown_host_is_no_endpoint_and_may_be_one_later() -> None:
    with pytest.raises(UnknownHost) as caught:
        checked_target("https://push.invalid/x")
    assert caught.value.as_dict()["code"] == "bad_endpoint"
    assert isinstance(outbound.unsent(caught.value), Retry)


@pytest.mark.parametrize("address", ["93.184.216.34", "[2606:2800:220:1::1]"])
def test_a_public_address_is_an_endpoint(address: str) -> None:
    assert checked_target(f"https://{address}/push?x=1").addresses == [address.strip("[]")]


def test_a_private_address_gets_no_connection(peer: HttpPeer) -> None:
    with pytest.raises(BadEndpoint):
        post(peer.url, b"", {})
    assert peer.received == []


def test_one_private_address_of_several_spoils_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = _resolving(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(BadEndpoint, match="private"):
        checked_target("https://push.example/x")
    assert answers == ["push.example"]


def test_a_name_is_resolved_once_for_check_and_connection(
    monkeypatch: pytest.MonkeyPatch, loopback: None, peer: HttpPeer
) -> None:
    asked = _resolving(monkeypatch, ["127.0.0.1"], then=["169.254.169.254"])
    port = peer.url.rpartition(":")[2]
    assert post(f"http://push.example:{port}/x", b"hi", {"X-One": "1"}).status == 201
    (request,) = peer.received
    assert (request.path, request.body, request.headers["x-one"]) == ("/x", b"hi", "1")
    assert request.headers["host"] == f"push.example:{port}"
    assert asked == ["push.example"]


def test_the_next_address_is_tried_where_one_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, loopback: None, peer: HttpPeer
) -> None:
    _resolving(monkeypatch, ["127.0.0.9", "127.0.0.1"])
    assert post(f"http://push.example:{peer.url.rpartition(':')[2]}/", b"", {}).ok


def test_no_redirect_is_followed(loopback: None, peer: HttpPeer) -> None:
    peer.replies = [Reply(307, {"Location": f"{peer.url}/elsewhere"})]
    answer = post(f"{peer.url}/here", b"", {})
    assert [one.path for one in peer.received] == ["/here"]
    assert outcome_of(answer) == Refused("answered 307")


def test_a_long_answer_is_cut(loopback: None, peer: HttpPeer, settings) -> None:
    settings.NOTIFICATIONS = {"max_answer_bytes": 1000}
    peer.replies = [Reply(200, body=b"x" * 3_000_000)]
    assert post(peer.url, b"", {}).body == b"x" * 1000


def test_a_trickle_of_bytes_ends_in_time(loopback: None, settings) -> None:
    """Each byte comes soon enough; all of them together never end."""
    settings.NOTIFICATIONS = {"outbound_timeout_s": 0.5}
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def trickle() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not over.wait(0.02):
                    connection.sendall(b"y")

        thread = threading.Thread(target=trickle)
        thread.start()
        began = time.monotonic()
        with pytest.raises(Unreachable, match="127"):
            post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"", {})
        took = time.monotonic() - began
        over.set()
        thread.join()
    assert took < 10


def test_nobody_there_is_unreachable(loopback: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unreachable):
        post(f"http://127.0.0.1:{port}/", b"", {})


def test_what_is_no_http_is_unreachable(loopback: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def babble() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"SSH-2.0-hello\r\n\r\n")

        thread = threading.Thread(target=babble)
        thread.start()
        with pytest.raises(Unreachable):
            post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"", {})
        thread.join()


def test_a_certificate_that_nobody_vouches_for_is_refused(loopback: None, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def shake_hands() -> None:
            connection, _ = server.accept()
            with connection, pytest.raises(ssl.SSLError):
                context.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=shake_hands)
        thread.start()
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            post(f"https://localhost:{server.getsockname()[1]}/", b"", {})
        thread.join()


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        (200, {}, Sent()),
        (201, {"location": "https://push.example/m/1"}, Sent("https://push.example/m/1")),
        (302, {}, Refused("answered 302")),
        (400, {}, Refused("answered 400")),
        (413, {}, Refused("answered 413")),
        (408, {}, Retry("answered 408")),
        (429, {"retry-after": "120"}, Retry("answered 429", after_s=120.0)),
        (500, {}, Retry("answered 500")),
        (503, {"retry-after": "soon"}, Retry("answered 503")),
    ],
)
def test_what_an_answer_means(status: int, headers: dict[str, str], outcome: object) -> None:
    assert outcome_of(Answer(status, headers, b"")) == outcome


def test_retry_after_is_seconds_or_a_date_within_a_day() -> None:
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=10)
    found = retry_after_s(format_datetime(soon, usegmt=True))
    assert found is not None
    assert 500 < found <= 600
    assert retry_after_s("999999999999999") == 86_400
    assert retry_after_s("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert [retry_after_s(bad) for bad in ("", "-5", "soon", "١٢", "Wed, 99 Oct")] == [None] * 5


def _resolving(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str], then: list[str] | None = None
) -> list[str]:
    """Makes names mean these addresses, and `then` others; the names that were asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, port: object, *args: object, **options: object) -> object:
        if not host.endswith(".example"):
            return real(host, port, *args, **options)  # type: ignore[arg-type]
        asked.append(host)
        found = addresses if len(asked) == 1 or then is None else then
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def _self_signed(folder: Path) -> Path:
    """A certificate for localhost with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    return path
