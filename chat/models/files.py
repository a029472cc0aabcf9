"""Files that somebody uploaded, in a message or not yet."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models.messages import Message

MAX_ALT_CHARACTERS = 500


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
    # When it goes unless a message has it by then, or its message comes back. Null in a message.
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
            # Of messages that were deleted with their room.
            models.Index(
                fields=["id"],
                name="upload_orphan",
                condition=models.Q(message__isnull=True, forget_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.key[:8]})"
