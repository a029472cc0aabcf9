"""Webhooks of rooms."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import opaque_id
from chat.models.rooms import Room

MAX_HOOK_NAME_CHARACTERS = 64
MAX_HOOK_URL_CHARACTERS = 2000
MAX_TRIGGERS_CHARACTERS = 300


class Hook(models.Model):
    """A program elsewhere that belongs to a room. It speaks there as a bot of its own."""

    class Direction(models.TextChoices):
        INCOMING = "incoming"  # it calls us
        OUTGOING = "outgoing"  # we call it

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="hooks")
    direction = models.CharField(max_length=8, choices=Direction.choices)
    name = models.CharField(max_length=MAX_HOOK_NAME_CHARACTERS)
    bot = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="hook")
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Its secrets are made of this and the SECRET_KEY, so that neither is worth anything alone.
    key = models.CharField(max_length=32, unique=True, default=opaque_id, editable=False)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)
    # Of outgoing ones: where to, and with which first words; none: with every message.
    url = models.CharField(max_length=MAX_HOOK_URL_CHARACTERS, blank=True)
    triggers = models.CharField(max_length=MAX_TRIGGERS_CHARACTERS, blank=True)
    # Messages up to this number were told, or are not to be.
    told_number = models.BigIntegerField(default=0, editable=False)
    # A worker is at it until then; or the next attempt is not before.
    next_at = models.DateTimeField(default=timezone.now, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    failure = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["next_at"], name="hook_to_call", condition=models.Q(direction="outgoing", active=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.room_id}"
