"""Pages that messages link to, and which of them each message shows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from chat.models.messages import Message

MAX_URL_CHARACTERS = 1000
MAX_TITLE_CHARACTERS = 200
MAX_DESCRIPTION_CHARACTERS = 400
MAX_SITE_CHARACTERS = 100


class LinkedPage(models.Model):
    """What a page said of itself when it was fetched. It never changes: after a day the address is fetched anew."""

    # A digest of `url`: indexes have a limit to how long a value may be.
    url_key = models.CharField(max_length=64, db_index=True)
    url = models.CharField(max_length=MAX_URL_CHARACTERS)
    # Whether there is anything to show.
    found = models.BooleanField()
    title = models.CharField(max_length=MAX_TITLE_CHARACTERS, blank=True)
    description = models.CharField(max_length=MAX_DESCRIPTION_CHARACTERS, blank=True)
    site = models.CharField(max_length=MAX_SITE_CHARACTERS, blank=True)
    # The key of our own copy, in the storage of files; null without an image.
    image = models.CharField(max_length=32, unique=True, null=True)  # noqa: DJ001
    image_width = models.PositiveIntegerField(null=True)
    image_height = models.PositiveIntegerField(null=True)
    fetched_at = models.DateTimeField(default=timezone.now)
    # From then on it goes as soon as no message shows it. Null while one does.
    forget_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["forget_at"], name="page_forget", condition=models.Q(forget_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.url[:80]


class Preview(models.Model):
    """That a message shows a page, or that somebody took it away there."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)
    page = models.ForeignKey(LinkedPage, on_delete=models.PROTECT, related_name="previews")
    position = models.PositiveSmallIntegerField()
    removed = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "page"], name="preview_once"),
        ]

    def __str__(self) -> str:
        return f"page {self.page_id} in message {self.message_id}"


class Unpreviewed(models.Model):
    """A message whose links are still to be looked at; written with it, deleted with what was found."""

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "unpreviewed"

    def __str__(self) -> str:
        return f"message {self.message_id}"
