"""Webhooks as a receiver gets and verifies them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.channels import Gone, known_channel
from notifications.channels.base import Refused, Retry, Sent
from notifications.channels.webhook import signatures, webhook_change_secret
from notifications.models import WebhookEndpoint
from tests.support.http_peer import HttpPeer, Received, Reply
from tests.support.messages import message
from tests.support.people import make_user

pytestmark = pytest.mark.django_db

WEBHOOK = known_channel("webhook")
assert WEBHOOK is not None


@pytest.fixture
def endpoint(peer: HttpPeer, loopback: None) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(name="Shop", url=f"{peer.url}/hook")


def is_signed(request: Received, secret: str) -> bool:
    """As a receiver checks it."""
    signed = (
        f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    )
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return expected in request.headers["webhook-signature"].split(" ")


def send(user_id: int, **fields: object):
    (address,) = WEBHOOK.addresses_of([user_id])[user_id]
    return WEBHOOK.send(address, message(**fields))


def test_the_signature_is_that_of_the_specification() -> None:
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    found = signatures([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_reads_and_verifies_a_message(peer, endpoint) -> None:
    assert send(7) == Sent()
    (request,) = peer.received
    assert (request.path, request.headers["content-type"]) == ("/hook", "application/json")
    assert is_signed(request, endpoint.secret)
    assert abs(time.time() - int(request.headers["webhook-timestamp"])) < 60
    body = json.loads(request.body)
    assert body["type"] == "testing.shipped"
    assert body["data"]["recipient"] == 7
    assert body["data"]["title"] == "Order 7 is on its way"
    assert request.headers["webhook-id"] == body["data"]["id"] == "n7-email"


def test_one_message_to_two_people_has_two_ids(peer, endpoint) -> None:
    """`Message.id` is one person's; a receiver drops what it has had by it."""
    for user_id in (7, 8):
        send(user_id, id=f"n1-{user_id}")
    assert len({request.headers["webhook-id"] for request in peer.received}) == 2


def test_both_secrets_sign_while_one_is_changed(peer, endpoint) -> None:
    old = endpoint.secret
    webhook_change_secret(endpoint)
    send(7)
    assert is_signed(peer.received[-1], old)
    assert is_signed(peer.received[-1], endpoint.secret)
    WebhookEndpoint.objects.update(old_secret_until=timezone.now() - timedelta(seconds=1))
    send(7)
    assert not is_signed(peer.received[-1], old)
    assert is_signed(peer.received[-1], endpoint.secret)


def test_an_endpoint_is_one_persons_or_everybodys(loopback, django_assert_num_queries) -> None:
    ada, bo = make_user(), make_user()
    WebhookEndpoint.objects.create(name="all", url="https://all.example/")
    WebhookEndpoint.objects.create(name="ada", url="https://ada.example/", user=ada)
    WebhookEndpoint.objects.create(name="off", url="https://off.example/", active=False)
    with django_assert_num_queries(1):
        found = WEBHOOK.addresses_of([ada.pk, bo.pk])
    assert [one.value for one in found[ada.pk]] == ["https://all.example/", "https://ada.example/"]
    assert [one.value for one in found[bo.pk]] == ["https://all.example/"]


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(204), Sent()),
        (Reply(301, {"Location": "https://elsewhere.example/"}), Refused("answered 301")),
        (Reply(400), Refused("answered 400")),
        (Reply(429, {"Retry-After": "7"}), Retry("answered 429", after_s=7.0)),
        (Reply(502), Retry("answered 502")),
    ],
)
def test_what_a_receiver_answers(peer, endpoint, reply, outcome) -> None:
    peer.replies = [reply]
    assert send(7) == outcome
    assert len(peer.received) == 1


def test_a_receiver_that_is_gone_is_switched_off(peer, endpoint) -> None:
    peer.replies = [Reply(410)]
    assert isinstance(send(7), Gone)
    assert WEBHOOK.addresses_of([7]) == {}


def test_a_private_address_gets_nothing(peer, endpoint, settings) -> None:
    settings.OUTBOUND_ALLOW = []
    assert isinstance(send(7), Refused)
    assert peer.received == []
