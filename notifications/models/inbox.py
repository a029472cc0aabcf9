"""The lines of inboxes.

What is for an audience is ONE AudienceNotification whatever the number of people (fan-out on read); what one person
has done with it is an AudienceState, made only when they do something, or lies before their watermark.
"""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from notifications.models.broadcast import Occurrence
from notifications.models.content import Handled, Line, Mark
from notifications.models.notice import Notice


class Notification(Line, Handled):
    """One line of one person's inbox. Whoever changes one holds the lock of the person's InboxState."""

    # No index of its own: the page's index and the constraint serve every look-up.
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications", db_index=False
    )
    occurrence = models.ForeignKey(
        Occurrence, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    # The newest one that is in it.
    notice = models.ForeignKey(Notice, null=True, on_delete=models.SET_NULL, related_name="+")
    type = models.CharField(max_length=80, blank=True)
    group = models.CharField(max_length=100, blank=True)
    # How many notices the line stands for.
    count = models.PositiveIntegerField(default=1)
    # When it came, or came again: its place in the inbox.
    created_at = models.DateTimeField(default=timezone.now)
    # Of a broadcast's line: when a page or app of theirs first confirmed it.
    delivered_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "recipient"], name="notification_once_per_occurrence"
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"], name="notification_page"),
            models.Index(
                fields=["recipient", "type", "group"], name="notification_unread", condition=Q(read_at=None)
            ),
            models.Index(
                fields=["snoozed_until"],
                name="notification_snoozed",
                condition=Q(snoozed_until__isnull=False),
            ),
            models.Index(
                fields=["expires_at"], name="notification_expires", condition=Q(expires_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Part(models.Model):
    """That a notice is in a line of a type that groups: what the line counts, and what is left after a recall."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="parts", db_index=False)
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="parts")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "notification"], name="part_once")]

    def __str__(self) -> str:
        return f"notice {self.notice_id} in {self.notification_id}"


class AudienceNotification(Line):
    """One row for everybody who reads `stream`."""

    stream = models.CharField(max_length=200)
    occurrence = models.OneToOneField(Occurrence, null=True, on_delete=models.SET_NULL, related_name="+")
    notice = models.OneToOneField(Notice, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["stream", "-created_at", "-id"], name="audience_page"),
            models.Index(
                fields=["expires_at"], name="audience_expires", condition=Q(expires_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AudienceState(Handled):
    """What `user` has done with that audience row; no row while they have done nothing."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    notification = models.ForeignKey(AudienceNotification, on_delete=models.CASCADE, related_name="states")
    # Marked as unread after the watermark had passed it.
    unread_again = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "notification"], name="audience_state_once")]
        indexes = [
            models.Index(
                fields=["snoozed_until"], name="audience_snoozed", condition=Q(snoozed_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notification_id} for {self.user_id}"

    def mark(self, mark: str, now: datetime) -> bool:
        changed = super().mark(mark, now)
        if changed and mark in {Mark.READ, Mark.UNREAD, Mark.CLICKED}:
            self.unread_again = mark == Mark.UNREAD
        return changed


class AudienceDelivery(models.Model):
    """That a page or app of `user` has confirmed that audience row, of a broadcast; see `notifications.delivered`."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    notification = models.ForeignKey(
        AudienceNotification, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notification", "user"], name="audience_delivery_once")
        ]
        # For whoever deletes an account.
        indexes = [models.Index(fields=["user"], name="audience_delivery_of_person")]

    def __str__(self) -> str:
        return f"{self.notification_id} at {self.user_id}"


class InboxState(models.Model):
    """Per person: how many of their own lines are unread, and up to when every audience row counts as read.

    Its lock is that of the person's own lines, so that the number is always theirs.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    unread = models.PositiveIntegerField(default=0)
    read_all_up_to = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.unread} unread"
