"""One decision: that a recipient of a notice is told, or not, over a channel, and how far the telling has come."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from notifications.deliveries.rules import IN_APP, State, Why
from notifications.models.notice import Notice

UNSENT = (State.WAITING, State.DIGEST)


def _choices(names: type[State] | type[Why]) -> list[tuple[str, str]]:
    return [(name.value, name.value.replace("_", " ")) for name in names]


class Delivery(models.Model):
    """Of one notice, for one recipient, over one channel; the inbox is a channel too."""

    # No index of its own: the constraint's serves.
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=20)
    state = models.CharField(max_length=12, choices=_choices(State))
    why = models.CharField(max_length=16, choices=_choices(Why))
    decided_at = models.DateTimeField(default=timezone.now)
    # When it is looked at next, while it waits; the end of its window, while it is in a digest.
    due_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    # The worker that has it; its claim ends when `due_at` has come again.
    claim = models.UUIDField(null=True)
    # Keys of addresses that have it, or never will, as JSON: none of them is tried again.
    settled = models.TextField(default="[]")
    # What the other side calls it.
    reference = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["notice", "recipient", "channel"], name="delivery_once")
        ]
        indexes = [
            models.Index(
                fields=["channel", "due_at"], name="delivery_due", condition=Q(state=State.WAITING.value)
            ),
            models.Index(
                fields=["channel"],
                name="delivery_in_hand",
                condition=Q(state=State.WAITING.value, claim__isnull=False),
            ),
            models.Index(
                fields=["due_at", "recipient"], name="delivery_digest", condition=Q(state=State.DIGEST.value)
            ),
            models.Index(fields=["recipient", "-decided_at"], name="delivery_of_person"),
            models.Index(
                fields=["recipient", "sent_at"],
                name="delivery_throttle",
                condition=Q(state=State.SENT.value) & ~Q(channel=IN_APP),
            ),
        ]

    def __str__(self) -> str:
        return f"notice {self.notice_id} to {self.recipient_id} by {self.channel}: {self.state} ({self.why})"
