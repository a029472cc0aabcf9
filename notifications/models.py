"""The tables of the inbox and of broadcasts. Rules live in `services`, reads in `selectors`.

A broadcast to an audience is ONE AudienceNotification whatever the number of people (fan-out on read); what one
person has read of them is an AudienceRead, made only when they read it, or lies before their watermark.
"""

import uuid

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from notifications.conf import LINK_MAX_CHARS, TEXT_MAX_CHARS, TITLE_MAX_CHARS
from notifications.links import check_link
from realtime.live.models import LiveModel


class Level(models.TextChoices):
    INFO = "info", "Information"
    SUCCESS = "success", "Good news"
    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"


class AudienceChoice(models.TextChoices):
    EVERYBODY = "everybody", "Everybody"
    GROUP = "group", "A group"
    ROOM = "room", "The members of a room"
    USERS = "users", "Named people"


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    SCHEDULED = "scheduled", "Scheduled"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Failed"


class Content(models.Model):
    """What a person reads: the same four fields in an inbox row, an audience row and a broadcast."""

    title = models.CharField(max_length=TITLE_MAX_CHARS)
    text = models.TextField(
        blank=True, max_length=TEXT_MAX_CHARS, validators=[MaxLengthValidator(TEXT_MAX_CHARS)]
    )
    level = models.CharField(max_length=10, choices=Level, default=Level.INFO)
    link = models.CharField(max_length=LINK_MAX_CHARS, blank=True, validators=[check_link])

    class Meta:
        abstract = True

    def content(self) -> dict[str, str]:
        """The four fields, to copy them into another row."""
        return {"title": self.title, "text": self.text, "level": self.level, "link": self.link}


class Broadcast(Content):
    """One message of an administrator to an audience, its time, and how far its sending has come."""

    audience_kind = models.CharField("audience", max_length=10, choices=AudienceChoice)
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # A plain number: rooms belong to an app above this one.
    room_id = models.PositiveBigIntegerField(null=True, blank=True)
    room_name = models.CharField(max_length=200, blank=True)
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")

    due_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64, default="UTC")
    status = models.CharField(max_length=10, choices=Status, default=Status.SCHEDULED)
    form_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    claim = models.UUIDField(null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    fence = models.PositiveIntegerField(default=0, editable=False)  # rises with each claim, for the log
    attempts = models.PositiveIntegerField(default=0, editable=False)  # claims since the last finished chunk
    cursor = models.PositiveBigIntegerField(default=0, editable=False)  # greatest user id served so far
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    error = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["due_at"], name="broadcast_due", condition=Q(status__in=["scheduled", "sending"])
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def progress_stream(self) -> str:
        return f"broadcast:{self.pk}"

    @property
    def audience_key(self) -> int | None:
        """What names the audience within its kind: the group's or the room's id."""
        if self.audience_kind == AudienceChoice.GROUP:
            return self.group_id
        return self.room_id if self.audience_kind == AudienceChoice.ROOM else None


class Notification(Content):
    """One row of one person's inbox."""

    # No index of its own: the page's index and the constraint serve every look-up.
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications", db_index=False
    )
    broadcast = models.ForeignKey(Broadcast, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["broadcast", "recipient"], name="notification_once_per_broadcast"
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"], name="notification_page"),
            models.Index(fields=["recipient"], name="notification_unread", condition=Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return self.title


class AudienceNotification(Content):
    """One row for everybody who reads `stream`."""

    stream = models.CharField(max_length=200)
    broadcast = models.OneToOneField(Broadcast, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["stream", "-created_at", "-id"], name="audience_page")]

    def __str__(self) -> str:
        return self.title


class AudienceRead(models.Model):
    """`user` has read that audience row; no row while they have not."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    notification = models.ForeignKey(AudienceNotification, on_delete=models.CASCADE, related_name="reads")
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "notification"], name="audience_read_once")]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.notification_id}"


class InboxState(models.Model):
    """Per person: every audience row up to this moment counts as read."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    read_all_up_to = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} up to {self.read_all_up_to:%Y-%m-%d %H:%M}"


class StatusItem(LiveModel):
    """A line of the service's status page: the model that shows live model events at work."""

    class State(models.TextChoices):
        OPERATIONAL = "operational", "Operational"
        DEGRADED = "degraded", "Degraded"
        OUTAGE = "outage", "Outage"

    name = models.CharField(max_length=100, unique=True)
    state = models.CharField(max_length=12, choices=State, default=State.OPERATIONAL)
    note = models.CharField(max_length=500, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
