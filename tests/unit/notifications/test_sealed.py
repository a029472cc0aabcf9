"""Secrets of webhooks are sealed in the database, opened by old keys too, and kept where no key fits."""

from __future__ import annotations

import pytest
from django.db import connection

from notifications.channels import known_channel
from notifications.channels.base import Refused
from notifications.channels.webhook import webhooks_reseal
from notifications.models import WebhookEndpoint
from notifications.sealed import is_of_present_key, seal
from tests.support.messages import message

pytestmark = pytest.mark.django_db

KEY, OTHER = "present-" + "k" * 40, "another-" + "k" * 40


def in_database() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, old_secret FROM notifications_webhookendpoint")
        (row,) = cursor.fetchall()
    return row


def test_the_database_holds_no_secret(settings):
    settings.SECRET_KEY = KEY
    endpoint = WebhookEndpoint.objects.create(name="Shop", url="https://shop.example/")
    secret, old_secret = in_database()
    assert secret.startswith("sealed1:")
    assert old_secret == ""
    assert endpoint.secret not in secret
    assert WebhookEndpoint.objects.get().secret == endpoint.secret


def test_a_key_of_before_opens_and_gives_way(settings):
    settings.SECRET_KEY = OTHER
    endpoint = WebhookEndpoint.objects.create(name="Shop", url="https://shop.example/", old_secret="whsec_x")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = KEY, [OTHER]
    assert not any(map(is_of_present_key, in_database()))
    webhooks_reseal()
    settings.SECRET_KEY_FALLBACKS = []
    assert all(map(is_of_present_key, in_database()))
    read = WebhookEndpoint.objects.get()
    assert (read.secret, read.old_secret) == (endpoint.secret, "whsec_x")
    before = in_database()
    webhooks_reseal()
    assert in_database() == before


def test_what_no_key_opens_signs_nothing_and_is_not_lost(settings):
    settings.SECRET_KEY = OTHER
    endpoint = WebhookEndpoint.objects.create(name="Shop", url="https://shop.example/")
    settings.SECRET_KEY = KEY
    webhook = known_channel("webhook")
    (address,) = webhook.addresses_of([7])[7]
    outcome = webhook.send(address, message())
    assert isinstance(outcome, Refused)
    assert "SECRET_KEY" in outcome.reason
    webhooks_reseal()
    WebhookEndpoint.objects.get().save()
    settings.SECRET_KEY = OTHER
    assert WebhookEndpoint.objects.get().secret == endpoint.secret


def test_a_seal_is_never_the_same_twice():
    assert seal("x") != seal("x")
