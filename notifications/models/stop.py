"""The switch that stops all sending."""

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.utils import timezone


class SendingStop(models.Model):
    """From when to when nothing was sent; no row without an end: everything goes out."""

    stopped_at = models.DateTimeField(default=timezone.now)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(Value(1), name="sending_stop_one", condition=Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.reason
