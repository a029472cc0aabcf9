"""A message of an administrator to an audience, when it falls due, and each time that it did."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.broadcasts.schedule import MAX_RULE_CHARS, Repeats, Schedule
from notifications.conf import ENDPOINT_MAX_CHARS, TITLE_MAX_CHARS
from notifications.deliveries.rules import IN_APP
from notifications.models.addressed import Addressed
from notifications.models.content import Content, Line, Recallable
from notifications.models.notice import Notice


def in_app_only() -> list[str]:
    return [IN_APP]


class Status(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    SENDING = "sending", _("Sending")
    PAUSED = "paused", _("Paused")
    SENT = "sent", _("Sent")
    SKIPPED = "skipped", _("Skipped")
    CANCELLED = "cancelled", _("Cancelled")
    RECALLED = "recalled", _("Recalled")
    FAILED = "failed", _("Failed")


# An occurrence that nobody has ended yet.
OPEN = (Status.SCHEDULED, Status.SENDING)


class Broadcast(Addressed, Content, Recallable):
    """One message of an administrator to an audience, and when: once or again and again. `text` is Markdown.

    Its lock is that of its occurrences as well; only a claim is made without it.
    """

    # By language code: title and text in that language. Who reads another one gets the fields above.
    translations = models.JSONField(default=dict, blank=True)
    critical = models.BooleanField(
        default=False, help_text="Reaches people in their quiet hours, and who has muted notifications."
    )
    # Of the lines, from when they come.
    expires_after = models.DurationField(null=True, blank=True)
    # Where its picture comes from, if from an address: a worker fetches it into `image`, or says why not.
    image_url = models.CharField(max_length=ENDPOINT_MAX_CHARS, blank=True, default="")
    image_error = models.CharField(max_length=300, blank=True, default="", editable=False)
    # Names of channels, "in_app" among them.
    channels = models.JSONField(default=in_app_only)
    # How many people get it in a second, 0 as many as possible; and when the next ones may.
    people_per_s = models.PositiveIntegerField(default=0)
    paced_until = models.DateTimeField(null=True, editable=False)

    # The columns of a `Schedule`; `time_zone` is empty where each recipient's own is meant.
    repeats = models.CharField(
        max_length=5, choices=[(one.value, one.value) for one in Repeats], default=Repeats.ONCE.value
    )
    rule = models.CharField(max_length=MAX_RULE_CHARS, blank=True)
    starts_at = models.CharField(max_length=19, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", blank=True)
    ends_on = models.DateField(null=True, blank=True)
    times = models.PositiveIntegerField(null=True, blank=True)
    # The local time of the last occurrence made so far, and when to make more; null where there are no more.
    planned_to = models.CharField(max_length=19, blank=True, editable=False)
    plan_at = models.DateTimeField(null=True, editable=False)

    # Of the whole: what its occurrences are doing, unless an administrator has stopped it.
    status = models.CharField(max_length=10, choices=Status, default=Status.SCHEDULED)
    # Rises with each edit, so that nobody overwrites what they have not seen.
    revision = models.PositiveIntegerField(default=0, editable=False)
    # Of a draft: jobs that work for it (`broadcasts.work`), and what a rehearsal of all its people counted.
    jobs = models.JSONField(default=list, editable=False)
    rehearsed = models.JSONField(null=True, editable=False)
    form_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("broadcast"), _("broadcasts")
        ordering = ["-id"]
        permissions = [
            ("approve_broadcast", "Can approve a broadcast of somebody else"),
            ("stop_broadcasts", "Can stop all sending, and let it go on"),
        ]
        indexes = [
            models.Index(fields=["plan_at"], name="broadcast_plan", condition=Q(plan_at__isnull=False)),
            models.Index(fields=["recalling"], name="broadcast_recalling", condition=Q(recalling=True)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def progress_stream(self) -> str:
        return f"broadcast:{self.pk}"

    @property
    def schedule(self) -> Schedule:
        return Schedule(
            start=datetime.fromisoformat(self.starts_at),
            zone=self.time_zone,
            repeats=Repeats(self.repeats),
            rule=self.rule,
            ends_on=self.ends_on,
            times=self.times,
        )

    @schedule.setter
    def schedule(self, schedule: Schedule) -> None:
        self.starts_at = schedule.start.isoformat(timespec="seconds")
        self.time_zone, self.repeats, self.rule = schedule.zone, schedule.repeats, schedule.rule
        self.ends_on, self.times = schedule.ends_on, schedule.times

    @property
    def recurs(self) -> bool:
        return self.repeats != Repeats.ONCE


class Occurrence(Line):
    """One time that a broadcast falls due, for all of its people or for those of one offset from UTC, and how far
    its sending has come.
    """

    # What it says: the broadcast's words as its first chunk goes out, whatever is edited later; empty until then.
    title = models.CharField(max_length=TITLE_MAX_CHARS, blank=True)

    # No index of its own: the constraint serves it.
    broadcast = models.ForeignKey(
        Broadcast, on_delete=models.CASCADE, related_name="occurrences", db_index=False
    )
    # What carries it outside the app.
    notice = models.OneToOneField(Notice, null=True, on_delete=models.SET_NULL, related_name="occurrence")
    # What the clock on the wall says then: "2026-03-29T09:00:00".
    local_time = models.CharField(max_length=19)
    # "Europe/Berlin". A time of each recipient's own zone: empty, and then one row each for "UTC+05:45" and others.
    zone = models.CharField(max_length=64, blank=True)
    due_at = models.DateTimeField()
    # From then on it is skipped instead of begun: it is too late, or the next one is due. Null: better late than never.
    stale_at = models.DateTimeField(null=True)

    status = models.CharField(max_length=10, choices=Status, default=Status.SCHEDULED)
    error = models.TextField(blank=True)  # why it failed, or was skipped
    total = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField(null=True)  # when `total` was
    done = models.PositiveIntegerField(default=0)
    claim = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    begun = models.BooleanField(default=False)  # a worker has taken the claim up
    fence = models.PositiveIntegerField(default=0)  # rises with each claim, for the log
    attempts = models.PositiveIntegerField(default=0)  # begun since the last finished chunk
    cursor = models.PositiveBigIntegerField(default=0)  # greatest user id served so far
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "local_time", "zone"], name="occurrence_once")
        ]
        indexes = [
            models.Index(fields=["due_at"], name="occurrence_due", condition=Q(status__in=OPEN)),
        ]

    def __str__(self) -> str:
        return f"{self.broadcast_id} at {self.local_time} {self.zone}"

    @property
    def spreads(self) -> bool:
        """Whether it is still to be replaced by one for each offset that its people live in."""
        return not self.zone

    @property
    def untouched(self) -> bool:
        """Whether nothing of it is out; see `progress.UNTOUCHED`."""
        return self.status == Status.SCHEDULED or (self.status == Status.SENDING and not self.title)


class Share(models.Model):
    """Some of the people of an occurrence for one offset; the row goes with the transaction that gives it to them."""

    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="shares")
    # Of users, rising, as JSON.
    user_ids = models.TextField()

    def __str__(self) -> str:
        return f"share {self.pk} of occurrence {self.occurrence_id}"
