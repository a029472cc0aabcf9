"""Pushes to phones as a stand-in of Firebase gets them: tokens by OAuth 2, and what its refusals mean."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from google.auth import jwt

from notifications.channels import known_channel
from notifications.channels.base import Gone, Outcome, Refused, Retry, Sent
from notifications.channels.devices import device_register
from notifications.channels.fcm import Fcm
from notifications.errors import BadEndpoint
from notifications.models import PushDevice
from tests.support.http_peer import HttpPeer, Received, Reply
from tests.support.messages import message
from tests.support.people import log_in_of, make_user

pytestmark = pytest.mark.django_db

FCM = known_channel("fcm")
assert isinstance(FCM, Fcm)


class Firebase(HttpPeer):
    """Gives an access token to who signs with the service account's key, and takes messages that bring it."""

    def __init__(self) -> None:
        super().__init__()
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.tokens_given = 0

    def reply_to(self, request: Received) -> Reply:
        if request.path == "/token":
            assertion = parse_qs(request.body.decode())["assertion"][0]
            public = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            claims = jwt.decode(assertion, certs=public, audience="https://oauth2.googleapis.com/token")
            assert claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
            self.tokens_given += 1
            given = {"access_token": f"token-{self.tokens_given}", "expires_in": 3600, "token_type": "Bearer"}
            return Reply(200, {"Content-Type": "application/json"}, json.dumps(given).encode())
        assert request.path == "/v1/projects/bells/messages:send"
        assert request.headers["authorization"] == f"Bearer token-{self.tokens_given}"
        return super().reply_to(request)

    @property
    def messages(self) -> list[dict[str, object]]:
        return [json.loads(one.body)["message"] for one in self.received if one.path != "/token"]


@pytest.fixture
def firebase(settings, loopback: None, tmp_path: Path) -> Iterator[Firebase]:
    firebase = Firebase()
    account = {
        "type": "service_account",
        "project_id": "bells",
        "private_key_id": "k",
        "private_key": firebase.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "client_email": "bells@bells.example",
        "token_uri": f"{firebase.url}/token",
    }
    (tmp_path / "account.json").write_text(json.dumps(account))
    settings.FCM = {"service_account": str(tmp_path / "account.json"), "url": firebase.url}
    firebase.usual = Reply(200, body=b'{"name":"projects/bells/messages/1"}')
    with firebase.running():
        yield firebase


@pytest.fixture
def phone() -> PushDevice:
    ada = make_user()
    return device_register(
        ada, login=log_in_of(ada).pk, channel="fcm", endpoint="phone:1", keys={}, name="Phone"
    )


def send(phone: PushDevice, **fields: object) -> Outcome:
    (address,) = FCM.addresses_of([phone.user_id])[phone.user_id]
    return FCM.send(address, message(**fields))


def refusal(status: int, code: str) -> Reply:
    return Reply(status, body=json.dumps({"error": {"details": [{"errorCode": code}]}}).encode())


def test_a_message_reaches_the_phone(firebase, phone) -> None:
    assert send(phone, critical=True) == Sent("projects/bells/messages/1")
    (sent,) = firebase.messages
    assert sent["token"] == "phone:1"
    assert sent["notification"] == {"title": "Order 7 is on its way", "body": "By bike."}
    assert sent["data"]["link"] == "https://carillon.example/orders/7"
    assert sent["android"] == {"priority": "high", "ttl": "259200s"}
    phone.refresh_from_db()
    assert phone.last_used_at is not None


def test_one_access_token_serves_many_messages(firebase, phone) -> None:
    for _ in range(3):
        send(phone)
    assert firebase.tokens_given == 1


def test_a_token_that_is_no_longer_taken_is_renewed(firebase, phone) -> None:
    firebase.replies = [Reply(401)]
    assert isinstance(send(phone), Retry)
    assert isinstance(send(phone), Sent)
    assert firebase.tokens_given == 2


@pytest.mark.parametrize("code", ["UNREGISTERED", "SENDER_ID_MISMATCH"])
def test_an_app_that_is_gone_is_forgotten(firebase, phone, code) -> None:
    firebase.replies = [refusal(404, code)]
    assert send(phone) == Gone(code)
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (refusal(400, "INVALID_ARGUMENT"), Refused("answered 400")),
        (Reply(400, body=b"<html>"), Refused("answered 400")),
        (Reply(404, body=b"[]"), Refused("answered 404")),
        (Reply(429, {"Retry-After": "60"}), Retry("answered 429", after_s=60.0)),
        (refusal(503, "UNAVAILABLE"), Retry("answered 503")),
    ],
)
def test_other_refusals_leave_it(firebase, phone, reply, outcome) -> None:
    firebase.replies = [reply]
    assert send(phone) == outcome
    assert PushDevice.objects.exists()


@pytest.mark.parametrize("token", ["", "a b", "a\nb", "\N{BELL}"])
def test_what_is_no_token_is_not_registered(token: str) -> None:
    with pytest.raises(BadEndpoint):
        FCM.check_device(token, {})
