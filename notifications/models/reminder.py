"""What somebody wants to be told of again."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from notifications.conf import NOTE_MAX_CHARS


class Reminder(models.Model):
    """One that is still to come. It goes when it fires, and when it is cancelled."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    # `kind:key`, and nothing of what it says: that is asked with the rights of the moment.
    subject = models.CharField(max_length=40)
    note = models.CharField(max_length=NOTE_MAX_CHARS, blank=True)
    due_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner", "due_at"], name="reminder_of_owner")]

    def __str__(self) -> str:
        return f"{self.subject} for {self.owner_id}"
