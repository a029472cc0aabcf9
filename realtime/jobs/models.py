"""The table of jobs. How a job gets on is in `running`; what people do with theirs, in `services`."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from realtime.jobs.files import JobFiles, new_folder


class State(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


OPEN = (State.QUEUED, State.RUNNING)
MESSAGE_MAX_CHARS = 200


class Job(models.Model):
    """One piece of work for one person, started once per `key`."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    args = models.TextField(default="null", editable=False)  # of the kind's Struct, as JSON
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)

    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)  # null: not known
    message = models.CharField(max_length=MESSAGE_MAX_CHARS, blank=True)
    error = models.TextField(blank=True)
    checkpoint = models.TextField(default="null", editable=False)  # as JSON

    folder = models.CharField(max_length=32, default=new_folder, unique=True, editable=False)
    file = models.CharField(max_length=100, blank=True, editable=False)  # the result, in the folder
    file_bytes = models.PositiveBigIntegerField(default=0, editable=False)
    download_as = models.CharField(max_length=150, blank=True)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(null=True, editable=False)  # then the row and its files go

    claim = models.UUIDField(null=True, editable=False)  # of the worker that is at it
    claimed_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveIntegerField(default=0, editable=False)  # begun since the last new checkpoint

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "kind", "key"], name="job_once")]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-id"], name="job_of_owner"),
            models.Index(fields=["claimed_until"], name="job_open", condition=Q(state__in=OPEN)),
            models.Index(fields=["expires_at"], name="job_expires", condition=Q(expires_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def stream(self) -> str:
        """The owner's own stream, which all their devices follow."""
        return f"user:{self.owner_id}"

    @property
    def files(self) -> JobFiles:
        return JobFiles(self.folder)

    @property
    def place(self) -> Any:
        """The checkpoint, decoded."""
        return msgspec.json.decode(self.checkpoint)
