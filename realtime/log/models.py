"""Tables of the log: `Stream`, `Event` (also the outbox, while `seq` is null) and `Receipt`."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models.functions import Now

from realtime.protocol.streams import MAX_STREAM_CHARS


def new_epoch() -> str:
    return secrets.token_urlsafe(6)


class Log(models.Model):
    """One row: the epoch that new streams begin with. Another database, another epoch."""

    ONLY = 1

    id = models.SmallIntegerField(primary_key=True, default=ONLY)
    epoch = models.CharField(max_length=16, default=new_epoch)

    def __str__(self) -> str:
        return self.epoch

    @classmethod
    def current_epoch(cls) -> str:
        """The epoch of streams without events, made at its first use. One query."""
        return cls.objects.get_or_create(id=cls.ONLY)[0].epoch


class Stream(models.Model):
    """Where a stream stands. Its row lock is what numbers events one after another."""

    name = models.CharField(max_length=MAX_STREAM_CHARS, primary_key=True)
    epoch = models.CharField(max_length=16)
    head = models.BigIntegerField(default=0)
    # Events up to here were removed by retention: a cursor below needs a snapshot.
    trimmed = models.BigIntegerField(default=0)
    # By the database's clock, so that processes with other clocks agree on what moved lately.
    moved_at = models.DateTimeField(db_default=Now(), db_index=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.head}"


class Event(models.Model):
    """One durable event. Written with its domain row; `seq` is given after commit."""

    id = models.BigAutoField(primary_key=True)
    stream = models.CharField(max_length=MAX_STREAM_CHARS)
    seq = models.BigIntegerField(null=True)
    name = models.CharField(max_length=80)
    at = models.DateTimeField()
    # The event's data as JSON text, encoded once and sent as it is.
    data = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="event_stream_seq")]
        indexes = [
            models.Index(fields=["stream", "id"], condition=models.Q(seq__isnull=True), name="event_pending"),
            models.Index(fields=["at"], name="event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.stream}#{self.seq} {self.name}"


class Receipt(models.Model):
    """The first result of a command by its `client_id`, so that a repetition returns it (G4)."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    client_id = models.CharField(max_length=64)
    name = models.CharField(max_length=80)
    result = models.TextField(default="null")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "client_id"], name="receipt_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.client_id}"
