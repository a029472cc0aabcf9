"""What came of asking feeds."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from notifications.models.notice import Notice


class FeedState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    TOLD = "told", "Told"
    NOTHING = "nothing", "Nothing new"
    FAILED = "failed", "Failed"


class FeedCall(models.Model):
    """One window of one feed: asked once, or a few times where that failed, and told once at most."""

    feed = models.CharField(max_length=40)
    window = models.DateTimeField()  # when it began
    state = models.CharField(max_length=10, choices=FeedState, default=FeedState.WAITING)
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    claim = models.UUIDField(null=True, editable=False)
    error = models.CharField(max_length=300, blank=True)  # of the last attempt
    finished_at = models.DateTimeField(null=True)
    notice = models.ForeignKey(Notice, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering: ClassVar = ["-window", "feed"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["feed", "window"], name="feed_call_once")]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="feed_call_due", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.feed} at {self.window:%Y-%m-%d %H:%M}"
