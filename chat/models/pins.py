"""What is pinned in a room."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models.messages import Message
from chat.models.rooms import Room


class Pin(models.Model):
    """A message that a room keeps at hand. `Message.marks` says that it is pinned, too."""

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.CASCADE, related_name="+")
    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="+", db_index=False
    )  # the message's
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    pinned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["room", "-pinned_at"], name="pin_of_room")]

    def __str__(self) -> str:
        return f"message {self.message_id}, pinned"
