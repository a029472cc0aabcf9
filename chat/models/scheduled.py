"""What is to be sent later."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models.rooms import Room
from chat.text import MAX_TEXT_CHARACTERS


def new_client_id() -> str:
    return uuid4().hex


class Scheduled(models.Model):
    """A message that is to be sent at a time; the row goes in the transaction that sends it.

    One that could not be sent keeps its text, and says why; it waits for its author.
    """

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(max_length=MAX_TEXT_CHARACTERS, blank=True)  # beside files it may be empty
    # As `chat.message_send` takes them: ids of messages, which may be gone by then.
    thread = models.BigIntegerField(null=True)
    quote = models.BigIntegerField(null=True)
    also_in_room = models.BooleanField(default=False)
    send_at = models.DateTimeField()  # as the author chose
    due_at = models.DateTimeField(null=True)  # when it is tried next; null: it failed
    client_id = models.CharField(max_length=64, default=new_client_id, editable=False)  # of the message
    attempts = models.PositiveSmallIntegerField(default=0)
    failure = models.TextField(blank=True)  # the sentence that says why
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "scheduled"
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="scheduled_due", condition=models.Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"message of {self.author_id} for {self.send_at}"
