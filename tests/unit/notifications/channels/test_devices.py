"""The devices that a person is notified on, over HTTP and by the service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Device, User
from accounts.services import device_end_of_session, device_revoke, token_issue, user_change_password
from notifications.channels import known_channel
from notifications.channels.devices import device_register, devices_purge
from notifications.channels.web_push import new_private_key, public_key
from notifications.models import PushDevice
from tests.support.people import PASSWORD, log_in_of, make_user
from tests.support.push_service import PushService, Subscription, running_push_service

pytestmark = pytest.mark.django_db(transaction=True)

PUSH = known_channel("web_push")
assert PUSH is not None


@pytest.fixture(autouse=True)
def _push_is_on(settings) -> None:
    settings.WEB_PUSH = {"private_key": new_private_key(), "contact": "mailto:ops@carillon.example"}
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    with running_push_service() as service:
        yield service


@pytest.fixture
def ada() -> User:
    return make_user()


@pytest.fixture
def client(ada: User) -> Client:
    return logged_in(ada)


def logged_in(user: User) -> Client:
    client = Client(HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")
    client.force_login(user)
    return client


def post(client: Client, subscription: Subscription, **fields: object):
    body = {"endpoint": subscription.endpoint, "keys": subscription.keys, **fields}
    return client.post("/api/push/devices", body, content_type="application/json")


def state(client: Client) -> dict:
    return client.get("/api/push").json()


def test_a_browser_is_registered_listed_and_removed(client, service) -> None:
    assert state(client)["public_key"] == public_key()
    assert state(client)["devices"] == []
    browser = service.subscribe("one")
    registered = post(client, browser).json()
    assert (registered["name"], registered["current"]) == ("Firefox on Linux", True)
    assert state(client)["devices"] == [registered]
    assert post(client, browser).json() == registered
    assert client.delete(f"/api/push/devices/{registered['id']}").status_code == 200
    assert client.delete(f"/api/push/devices/{registered['id']}").json()["code"] == "push_device_not_found"
    assert state(client)["devices"] == []


def test_a_service_worker_writes_with_the_token_it_was_given(ada, service) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    browser = service.subscribe("two")
    assert post(client, browser).status_code == 403
    headers = {"X-CSRFToken": state(client)["csrf_token"]}
    body = {"endpoint": browser.endpoint, "keys": browser.keys}
    answer = client.post("/api/push/devices", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200, answer.content


def test_nobody_is_notified_without_a_log_in(service) -> None:
    client = Client()
    assert client.get("/api/push").status_code == 401
    assert post(client, service.subscribe("three")).status_code == 401
    assert client.delete("/api/push/devices/1").status_code == 401


def test_an_endpoint_is_the_present_users(ada, client, service) -> None:
    browser, bo = service.subscribe("four"), make_user()
    first = post(client, browser).json()
    theirs = logged_in(bo)
    assert post(theirs, browser).json()["id"] == first["id"]
    assert state(client)["devices"] == []
    assert client.delete(f"/api/push/devices/{first['id']}").status_code == 404
    assert list(PUSH.addresses_of([ada.pk, bo.pk])) == [bo.pk]


def test_above_the_bound_the_first_gives_way(ada, client, service, settings) -> None:
    settings.NOTIFICATIONS = {"max_push_devices": 3}
    for number in range(5):
        assert post(client, service.subscribe(f"many-{number}")).status_code == 200
    found = [one["endpoint"].rpartition("/")[2] for one in state(client)["devices"]]
    assert found == ["many-4", "many-3", "many-2"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"endpoint": "http://push.example/x"}, "bad_endpoint"),
        ({"endpoint": "https://169.254.169.254/x"}, "bad_endpoint"),
        ({"endpoint": "https://x.invalid/"}, "bad_endpoint"),
        ({"endpoint": ""}, "bad_endpoint"),
        ({"endpoint": 7}, "bad_request"),
        ({"keys": {}}, "bad_endpoint"),
        ({"keys": "no"}, "bad_request"),
        ({"channel": "email"}, "unknown_device_channel"),
        ({"channel": "no_such"}, "unknown_device_channel"),
    ],
)
def test_what_cannot_be_notified_is_refused(client, service, fields, code) -> None:
    answer = post(client, service.subscribe("bad"), **fields)
    assert (answer.json()["code"], answer.status_code) == (code, 404 if "unknown" in code else 400)
    assert not PushDevice.objects.exists()


def test_a_log_out_ends_what_was_registered_in_it(ada, client, service) -> None:
    other = logged_in(ada)
    post(client, service.subscribe("here"))
    post(other, service.subscribe("there"))
    assert len(PUSH.addresses_of([ada.pk])[ada.pk]) == 2
    client.post("/api/auth/logout")
    (left,) = PUSH.addresses_of([ada.pk])[ada.pk]
    assert left.value.endswith("/there")
    assert [one["current"] for one in state(other)["devices"]] == [True]
    devices_purge()
    assert PushDevice.objects.count() == 1


@pytest.mark.parametrize("end", ["session", "revoked", "password", "deactivated"])
def test_whatever_ends_a_log_in_ends_its_pushes(ada, client, service, end) -> None:
    post(client, service.subscribe(end))
    login = Device.objects.get(user=ada)
    if end == "session":
        device_end_of_session(login.session_key)
    elif end == "revoked":
        device_revoke(ada, login.pk)
    elif end == "password":
        user_change_password(ada, old=PASSWORD, new="another horse 43", keep_session="", address="")
    else:
        ada.is_active = False
        ada.save()
    assert PUSH.addresses_of([ada.pk]) == {}


def test_addresses_of_many_people_are_one_query(service, django_assert_num_queries) -> None:
    people = [make_user() for _ in range(5)]
    for user in people:
        browser = service.subscribe(f"p{user.pk}")
        device_register(
            user,
            login=log_in_of(user).pk,
            channel="web_push",
            endpoint=browser.endpoint,
            keys=browser.keys,
            name="",
        )
    with django_assert_num_queries(1):
        assert len(PUSH.addresses_of([one.pk for one in people])) == 5


def test_a_phone_registers_with_its_token(ada, service) -> None:
    tokens = token_issue(ada, device_name="Phone")
    client = Client(headers={"Authorization": f"Bearer {tokens.access}"})
    assert post(client, service.subscribe("phone"), name="My phone\u202e").json()["name"] == "My phone"
    login = PushDevice.objects.get().login
    assert login.name == "Phone"
    Device.objects.filter(pk=login.pk).update(revoked_at=timezone.now() - timedelta(days=1))
    assert PUSH.addresses_of([ada.pk]) == {}
