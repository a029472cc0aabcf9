"""What people keep for themselves."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models.messages import Message


class Saved(models.Model):
    """A message that somebody keeps for themselves: nothing of what it says, so that reading asks what they may see."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "saved"
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "message"], name="saved_once")]

    def __str__(self) -> str:
        return f"message {self.message_id}, saved by {self.user_id}"
