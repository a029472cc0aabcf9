"""Files that somebody uploaded, in a message or not yet."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models.drafts import Draft
from chat.models.messages import Message
from chat.models.moderation import HeldMessage
from chat.models.scheduled import Scheduled

MAX_ALT_CHARACTERS = 500


# What nothing has, and nobody gave a time: whatever had it is gone.
ORPHAN = models.Q(
    message__isnull=True,
    scheduled__isnull=True,
    held__isnull=True,
    draft__isnull=True,
    forget_at__isnull=True,
)


class Upload(models.Model):
    """One file. What clients are told of it is also in its message (`Message.files`), which history reads alone."""

    class Kind(models.TextChoices):
        IMAGE = "image"
        AUDIO = "audio"
        VIDEO = "video"
        FILE = "file"

    # In its address; random.
    key = models.CharField(max_length=32, unique=True)
    # In the storage: the key of the first file with these bytes, where it was forwarded. They go with the last of them.
    stored = models.CharField(max_length=32)
    # Null once the account is deleted: the file goes with its message.
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    client_id = models.CharField(max_length=64)
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="uploads")
    # What keeps it for a message that is to come, and its place there; it goes with that.
    scheduled = models.ForeignKey(Scheduled, null=True, on_delete=models.SET_NULL, related_name="uploads")
    held = models.ForeignKey(HeldMessage, null=True, on_delete=models.SET_NULL, related_name="uploads")
    draft = models.ForeignKey(Draft, null=True, on_delete=models.SET_NULL, related_name="uploads")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    type = models.CharField(max_length=100)
    bytes = models.BigIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    # Which smaller ones there are.
    small = models.BooleanField(default=False)
    large = models.BooleanField(default=False)
    alt = models.CharField(max_length=MAX_ALT_CHARACTERS, blank=True)
    # Until then the row only keeps its place: its bytes are on their way into the storage.
    ready = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    # When it goes unless a message has it by then, or its message comes back. Null in a message, or what is to be one.
    forget_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["uploader", "client_id"], name="upload_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["forget_at"], name="upload_forget", condition=models.Q(forget_at__isnull=False)
            ),
            models.Index(fields=["stored"], name="upload_stored"),
            # Of messages that were deleted with their room, or are not to be sent any more.
            models.Index(fields=["id"], name="upload_orphan", condition=ORPHAN),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.key[:8]})"
