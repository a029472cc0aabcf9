"""What `notify()` was told, and who has not got it yet."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from notifications.models.content import Recallable


class Notice(Recallable):
    """One call of `notify()`: what it said, once per `key`, and how far it has come."""

    type = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    # Of the type's class, as JSON.
    data = models.TextField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    actor_name = models.CharField(max_length=200, blank=True)
    group = models.CharField(max_length=100, blank=True)
    # Where it happened, as people's overrides name it: "room:7".
    scope = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    expires_at = models.DateTimeField(null=True)
    recipients = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "key"], name="notice_once")]
        indexes = [models.Index(fields=["recalling"], name="notice_recalling", condition=Q(recalling=True))]

    def __str__(self) -> str:
        return f"{self.type} {self.key}"


class Batch(models.Model):
    """Recipients of a notice that have not got it yet; the row goes with the transaction that gives it to them."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="batches")
    # Of users, rising, as JSON.
    user_ids = models.TextField()

    def __str__(self) -> str:
        return f"batch {self.pk} of notice {self.notice_id}"
