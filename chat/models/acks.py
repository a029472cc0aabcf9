"""Messages that ask to be acknowledged, and by whom they were."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models.messages import Message


class AckRequest(models.Model):
    """That a message asks for it, and when those who have not done so are reminded next."""

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.CASCADE, related_name="+")
    remind_at = models.DateTimeField(null=True)  # null: nobody is reminded any more
    reminders = models.PositiveSmallIntegerField(default=0)  # how many there were

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["remind_at"], name="ack_remind", condition=models.Q(remind_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"request of message {self.message_id}"


class Ack(models.Model):
    """That somebody acknowledged a message. `Message.marks` sums them up."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)
    # Whoever did is deactivated, not deleted: the sums would be wrong.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["message", "user"], name="ack_once")]

    def __str__(self) -> str:
        return f"{self.user_id} acknowledged message {self.message_id}"
