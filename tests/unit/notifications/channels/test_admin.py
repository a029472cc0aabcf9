"""An administrator sets up webhooks, and looks at what any type says on any channel in any language."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.channels.base import IN_APP, all_channels
from notifications.models import WebhookEndpoint
from notifications.preview import preview, sample_of
from notifications.types import all_types, known_type
from tests.support import notification_types  # noqa: F401  (declares some)
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)

PREVIEW = reverse("admin:notifications_notice_changelist")
HTML = reverse("admin:notifications_notice_html")
ADD = reverse("admin:notifications_webhookendpoint_add")
LIST = reverse("admin:notifications_webhookendpoint_changelist")


@pytest.fixture
def admin_client() -> Client:
    return logged_in(User.objects.create_superuser("root", password="x"))


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(client: Client, **query: str) -> str:
    answer = client.get(PREVIEW, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_type_has_words_on_every_channel_in_every_language(settings) -> None:
    for declared in all_types():
        for channel in (IN_APP, *(one.name for one in all_channels())):
            for language, _ in settings.LANGUAGES:
                found = preview(
                    declared,
                    sample_of(declared),
                    channel=channel,
                    language=language,
                    zone=ZoneInfo("UTC"),
                    actor="Ada",
                )
                assert found.title, (declared.name, channel, language)
                assert bool(found.html) == (channel == "email")


def test_an_e_mail_is_shown_in_its_language_and_direction(admin_client, settings) -> None:
    query = {"type": "testing.shipped", "channel": "email", "language": "ar"}
    page = shown(admin_client, **query)
    assert "Order 7 is on its way" in page
    assert "لا مزيد من هذه الرسائل" in page
    assert "<iframe" in page
    answer = admin_client.get(HTML, query)
    assert '<html lang="ar" dir="rtl">' in answer.content.decode()
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "script-src 'none'" in policy


def test_data_may_be_ones_own(admin_client) -> None:
    query = {"type": "testing.shipped", "data_of": "testing.shipped", "channel": "webhook", "language": "en"}
    page = shown(admin_client, **query, data='{"number": 12, "note": "<b>&"}')
    assert "Order 12 is on its way" in page
    assert "<b>&" not in page
    for data in ("{", "[]", "7", '{"number": "x"}', "{}"):
        page = shown(admin_client, **query, data=data)
        assert "errorlist" in page
        assert 'aria-label="What it says"' not in page


def test_data_of_another_type_give_way(admin_client) -> None:
    page = shown(admin_client, type="testing.shipped", data_of="testing.liked", data='{"what": "tea"}')
    assert "Order 7 is on its way" in page


@pytest.mark.parametrize("query", [{"type": "no.such"}, {"channel": "pigeon"}, {"language": "xx"}])
def test_what_there_is_not_is_an_error_of_the_form(admin_client, query) -> None:
    assert "errorlist" in shown(admin_client, **query)


def test_it_is_for_those_who_may_see_broadcasts() -> None:
    staff = make_user(is_staff=True)
    for client in (Client(), logged_in(make_user()), logged_in(staff)):
        for url in (PREVIEW, HTML):
            assert client.get(url).status_code in (302, 403)
    staff.user_permissions.add(Permission.objects.get(codename="view_broadcast"))
    assert logged_in(staff).get(PREVIEW).status_code == 200


def test_a_sample_fits_its_type() -> None:
    for declared in all_types():
        assert declared.checked(sample_of(declared)) is not None
    assert sample_of(known_type("testing.shipped")) == {"number": 7, "note": "note"}


def test_an_endpoint_is_set_up_and_its_secret_shown_and_changed(admin_client, settings) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    fields = {"name": "Shop", "url": "http://127.0.0.1:9/hook", "active": "on"}
    assert admin_client.post(ADD, fields).status_code == 302
    endpoint = WebhookEndpoint.objects.get()
    page = reverse("admin:notifications_webhookendpoint_change", args=[endpoint.pk])
    assert endpoint.secret in admin_client.get(page).content.decode()
    admin_client.post(LIST, {"action": "change_secrets", "_selected_action": [endpoint.pk]})
    before, endpoint = endpoint.secret, WebhookEndpoint.objects.get()
    assert (endpoint.old_secret, endpoint.secret != before) == (before, True)


@pytest.mark.parametrize(
    "url", ["http://shop.example/", "https://127.0.0.1/", "https://nobody.invalid/", "x"]
)
def test_an_endpoint_that_must_not_be_reached_is_not_stored(admin_client, url) -> None:
    answer = admin_client.post(ADD, {"name": "Shop", "url": url, "active": "on"})
    assert "errorlist" in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_who_only_looks_sees_no_secret() -> None:
    endpoint = WebhookEndpoint.objects.create(name="Shop", url="https://shop.example/")
    staff = make_user(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_webhookendpoint"))
    page = reverse("admin:notifications_webhookendpoint_change", args=[endpoint.pk])
    answer = logged_in(staff).get(page)
    assert answer.status_code == 200
    assert endpoint.secret not in answer.content.decode()
    assert json.dumps(endpoint.secret) not in answer.content.decode()
