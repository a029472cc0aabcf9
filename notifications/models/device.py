"""Where channels reach people beside the inbox: browsers and phones, and the endpoints of webhooks."""

from __future__ import annotations

import base64
import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Device as Login
from notifications.conf import ENDPOINT_MAX_CHARS
from notifications.sealed import SealedField


class PushDevice(models.Model):
    """A browser or phone that shows notifications while the page is closed, for as long as its log-in lasts."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_devices")
    login = models.ForeignKey(Login, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=20)
    # The address that the push service gave it, or its token.
    endpoint = models.CharField(max_length=ENDPOINT_MAX_CHARS)
    # What its messages are encrypted with, as JSON; "" where the channel has no such keys.
    keys = models.TextField(blank=True)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now)
    # When the push service last took a message for it.
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "endpoint"], name="push_device_once")]

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"


def new_webhook_secret() -> str:
    """32 random bytes in the form of standardwebhooks.com."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class WebhookEndpoint(models.Model):
    """An address that gets notifications as signed HTTP requests: those of one person, or of everybody."""

    name = models.CharField(max_length=100)
    url = models.CharField("address", max_length=ENDPOINT_MAX_CHARS)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Whose notifications it gets; empty: everybody's.",
    )
    active = models.BooleanField(default=True, help_text="Switched off by itself when it answers 410 Gone.")
    secret = SealedField(default=new_webhook_secret, editable=False)
    # Signs too until then, so that a receiver can change its secret without losing a message.
    old_secret = SealedField(blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
