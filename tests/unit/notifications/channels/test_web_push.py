"""Pushes as a real push service gets them and a subscribed browser decrypts them."""

from __future__ import annotations

import base64
import io
import socket
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from notifications.channels import Address, Gone, known_channel
from notifications.channels.base import Outcome, Refused, Retry, Sent
from notifications.channels.devices import device_register
from notifications.channels.web_push import WebPush, public_key
from notifications.errors import BadEndpoint, PushKeysWrong
from notifications.models import PushDevice
from tests.support.http_peer import Reply
from tests.support.messages import message
from tests.support.people import log_in_of, make_user
from tests.support.push_service import PushService, Subscription, claims_of

pytestmark = pytest.mark.django_db

PUSH = known_channel("web_push")
assert isinstance(PUSH, WebPush)


@pytest.fixture
def ada() -> User:
    return make_user()


@pytest.fixture
def browser(push_service: PushService) -> Subscription:
    return push_service.subscribe("ada")


@pytest.fixture
def device(ada: User, browser: Subscription) -> PushDevice:
    return register(ada, browser)


def register(user: User, browser: Subscription) -> PushDevice:
    return device_register(
        user,
        login=log_in_of(user).pk,
        channel="web_push",
        endpoint=browser.endpoint,
        keys=browser.keys,
        name="Firefox",
    )


def send(device: PushDevice, **fields: object) -> Outcome:
    (address,) = PUSH.addresses_of([device.user_id])[device.user_id]
    return PUSH.send(address, message(**fields))


def test_only_the_browser_reads_what_is_pushed(push_service, browser, device) -> None:
    assert send(device, thread="room:7") == Sent()
    (push,) = push_service.pushes(browser)
    assert push.payload | {"tag": ""} == {
        "id": "n7-email",
        "title": "Order 7 is on its way",
        "text": "By bike.",
        "link": "https://carillon.example/orders/7",
        "tag": "",
        "level": "success",
        "language": "en",
        "unread": 3,
    }
    assert b"Order" not in push.request.body
    device.refresh_from_db()
    assert device.last_used_at is not None


def test_it_is_signed_for_its_push_service_for_half_a_day(push_service, browser, device) -> None:
    send(device)
    (push,) = push_service.pushes(browser)
    claims = claims_of(push.request)
    assert claims["sub"] == "mailto:ops@carillon.example"
    assert 0 < claims["exp"] - time.time() <= 24 * 3600
    assert push.request.headers["authorization"].endswith(f"k={public_key()}")


def test_it_lives_no_longer_than_its_message(push_service, browser, device) -> None:
    send(device)
    send(device, expires_at=timezone.now() + timedelta(minutes=10))
    send(device, expires_at=timezone.now() + timedelta(days=300))
    usual, short, long = (int(push.request.headers["ttl"]) for push in push_service.pushes(browser))
    assert usual == long == 3 * 86_400
    assert 590 <= short <= 600


def test_what_is_over_is_not_pushed(push_service, device) -> None:
    assert send(device, expires_at=timezone.now()) == Refused("expired")
    assert push_service.received == []


def test_what_is_grave_is_urgent(push_service, browser, device) -> None:
    for fields in ({"level": "info"}, {"level": "critical"}, {"critical": True}):
        send(device, **fields)
    urgencies = [push.request.headers["urgency"] for push in push_service.pushes(browser)]
    assert urgencies == ["normal", "high", "high"]


def test_messages_of_a_thread_replace_one_another(push_service, browser, device) -> None:
    for thread in ("room:7", "room:7", ""):
        send(device, thread=thread)
    first, second, alone = push_service.pushes(browser)
    topic = first.request.headers["topic"]
    assert topic == second.request.headers["topic"] == first.payload["tag"]
    assert len(topic) <= 32
    assert "topic" not in alone.request.headers


@pytest.mark.parametrize("text", ["x" * 4000, "\N{BELL}" * 4000, '"\\\n' * 1300, "\x01" * 4000])
def test_a_huge_text_is_cut_to_what_push_services_take(push_service, browser, device, text) -> None:
    send(device, title="\N{BELL}" * 200, text=text, link="https://carillon.example/" + "a" * 475)
    (push,) = push_service.pushes(browser)  # which refuses more than 4,096 bytes
    assert push.payload["title"] == "\N{BELL}" * 200
    assert text.startswith(push.payload["text"].removesuffix("…"))


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_over_is_forgotten(push_service, device, status) -> None:
    push_service.replies = [Reply(status)]
    assert isinstance(send(device), Gone)
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(429, {"Retry-After": "30"}), Retry("answered 429", after_s=30.0)),
        (Reply(500), Retry("answered 500")),
        (Reply(403), Refused("answered 403")),
        (Reply(413), Refused("answered 413")),
    ],
)
def test_other_answers_leave_it(push_service, device, reply, outcome) -> None:
    push_service.replies = [reply]
    assert send(device) == outcome
    device.refresh_from_db()
    assert device.last_used_at is None


def test_a_push_service_that_is_away_is_tried_again(device) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        PushDevice.objects.update(endpoint=f"http://127.0.0.1:{server.getsockname()[1]}/")
    assert isinstance(send(device), Retry)


def test_an_endpoint_that_became_private_gets_nothing(push_service, device, settings) -> None:
    settings.OUTBOUND_ALLOW = []
    assert isinstance(send(device), Refused)
    assert push_service.received == []


def test_a_device_that_is_removed_meanwhile_is_gone(device) -> None:
    address = Address(str(device.pk), device.endpoint)
    device.delete()
    assert isinstance(PUSH.send(address, message()), Gone)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://nobody.invalid/x",
    ],
)
def test_a_bad_endpoint_is_not_registered(push_service, browser, ada, settings, endpoint) -> None:
    settings.OUTBOUND_ALLOW = []
    with pytest.raises(BadEndpoint):
        PUSH.check_device(endpoint, browser.keys)


@pytest.mark.parametrize(
    "change",
    [
        {"p256dh": ""},
        {"p256dh": "not base64 \N{BELL}"},
        {"p256dh": base64.urlsafe_b64encode(b"\x04" + b"\x01" * 64).decode()},
        {"auth": ""},
        {"auth": "AAAA"},
        {"auth": "A" * 10_000},
    ],
)
def test_keys_that_encrypt_nothing_are_refused(push_service, browser, change) -> None:
    with pytest.raises(BadEndpoint, match="keys"):
        PUSH.check_device(browser.endpoint, browser.keys | change)


def test_without_a_key_of_ours_it_is_off(push_service, browser, device, settings) -> None:
    settings.WEB_PUSH = {"private_key": "", "contact": ""}
    assert PUSH.addresses_of([device.user_id]) == {}
    assert public_key() == ""
    with pytest.raises(BadEndpoint, match="off"):
        PUSH.check_device(browser.endpoint, browser.keys)


@pytest.mark.parametrize("key", ["short", "A" * 43, "\N{BELL}" * 43])
def test_a_key_that_is_none_says_so(push_service, device, settings, key) -> None:
    settings.WEB_PUSH = {"private_key": key, "contact": "mailto:ops@carillon.example"}
    with pytest.raises(PushKeysWrong, match="push_keys"):
        public_key()
    assert isinstance(send(device), Refused)


def test_the_command_makes_a_key_that_works(push_service, device, settings) -> None:
    said = io.StringIO()
    call_command("push_keys", stdout=said)
    name, _, key = said.getvalue().strip().partition("=")
    assert name == "WEB_PUSH_PRIVATE_KEY"
    settings.WEB_PUSH = {"private_key": key, "contact": "mailto:ops@carillon.example"}
    assert send(device) == Sent()
