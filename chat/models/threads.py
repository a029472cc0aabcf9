"""Threads: what was replied to a message, and who follows that."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from chat.models.messages import Message
from chat.models.rooms import Room


class Thread(models.Model):
    """Begins with the first reply to its root, or when somebody follows it. Its key is the root's id.

    Changed by whoever holds its lock, with an event that carries all of it; the last lock that such a transaction
    takes, so that nobody who sends waits for long.
    """

    # Without a constraint in the database: its check would wait for an edit of the root, which may wait for the room.
    # It outlives a root that is deleted for its age, as long as there are replies (`chat.threads.forgetting`).
    root = models.OneToOneField(
        Message, primary_key=True, on_delete=models.DO_NOTHING, related_name="thread", db_constraint=False
    )
    # As in the root.
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.BigIntegerField()
    reply_count = models.PositiveIntegerField(default=0)  # without deleted ones
    last_reply_at = models.DateTimeField(null=True)  # of those that are not deleted
    last_number = models.BigIntegerField(default=0)  # of the last reply, deleted or not; 0 before the first
    # The ids of the last to reply, the latest first, as JSON.
    participants = models.TextField(default="[]")
    # Rises with each change: of two accounts of a thread the higher is the newer.
    version = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"thread of {self.room_id}/{self.number}"


class ThreadReader(models.Model):
    """How far somebody has read a thread, and whether they follow it. Goes when they leave the room."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="readers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    following = models.BooleanField(default=True, db_default=True)
    # The number of the last reply that was seen, on whatever device. Only rises.
    read_number = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "thread"], name="thread_reader_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in thread {self.thread_id}"
