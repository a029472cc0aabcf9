"""Who reacted to which message, with what."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models.messages import Message

# The longest emoji are families and flags of regions, joined from up to ten parts.
MAX_EMOJI_CHARACTERS = 48


class Reaction(models.Model):
    """One person's emoji on a message. `Message.marks` sums them up."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)
    # Whoever reacted is deactivated, not deleted: the sums would be wrong.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    emoji = models.CharField(max_length=MAX_EMOJI_CHARACTERS)  # one, or `:name:`
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "emoji", "user"], name="reaction_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["message", "emoji", "id"], name="reaction_first")]

    def __str__(self) -> str:
        return f"{self.emoji} by {self.user_id} on message {self.message_id}"
