"""Many notices told in one message: once per person, channel and window."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q
from django.utils import timezone


class DigestState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    EMPTY = "empty", "Nothing left to tell"
    FAILED = "failed", "Failed"


class Digests(models.Manager["Digest"]):
    def of_delivery(self) -> models.QuerySet[Digest]:
        """For `Exists` in a query of deliveries: the digest of each one's window."""
        return self.filter(
            recipient=OuterRef("recipient"), channel=OuterRef("channel"), window_ends_at=OuterRef("due_at")
        )


class Digest(models.Model):
    """That the deliveries of one window were, or will be, told together, and how far that has come."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=20)
    window_ends_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=DigestState, default=DigestState.WAITING)
    # When a worker looks at it next: at once, after a wait, or when the lease of another one has run out.
    due_at = models.DateTimeField(default=timezone.now)
    # The worker that has it.
    claim = models.UUIDField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    # How many notices it told.
    count = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=300, blank=True)

    objects = Digests()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recipient", "channel", "window_ends_at"], name="digest_once")
        ]
        indexes = [
            models.Index(fields=["due_at"], name="digest_due", condition=Q(state="waiting")),
            models.Index(fields=["window_ends_at"], name="digest_old"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} digest of {self.recipient_id} until {self.window_ends_at:%Y-%m-%d %H:%M}"
