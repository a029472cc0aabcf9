"""Who did what with broadcasts, and when: rows are added, and never changed or deleted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.add_only import AddOnly
from notifications.models.broadcast import Broadcast


class AuditEntry(AddOnly):
    """One act. `before` and `after` hold the fields that it changed."""

    # None: it concerned all of them.
    broadcast = models.ForeignKey(
        Broadcast, null=True, on_delete=models.DO_NOTHING, related_name="audit", db_constraint=False
    )
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    # As they were called then.
    actor_name = models.CharField(max_length=200)
    act = models.CharField(max_length=40)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.act}"
