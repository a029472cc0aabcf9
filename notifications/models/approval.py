"""A second person's word on a broadcast."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from notifications.models.broadcast import Broadcast


class Approval(models.Model):
    """That somebody asked for a second pair of eyes, and what these said.

    `fingerprint` is that of what they saw: a broadcast that was changed since has another one, and is not approved.
    """

    broadcast = models.ForeignKey(Broadcast, on_delete=models.CASCADE, related_name="approvals")
    fingerprint = models.CharField(max_length=64)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    # None while nobody has decided.
    granted = models.BooleanField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["broadcast"], name="approval_one_open", condition=Q(granted__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"approval of broadcast {self.broadcast_id}"
