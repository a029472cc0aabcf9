"""Questions with a few answers, and who chose which."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from chat.models.messages import Message


class Poll(models.Model):
    """The answers that a message offers; the question is its text. `Message.marks` sums up the votes."""

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.CASCADE, related_name="+")
    options = models.TextField()  # as a JSON list of strings
    multiple = models.BooleanField(default=False)
    anonymous = models.BooleanField(default=False)
    ends_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["ends_at"],
                name="poll_ends",
                condition=models.Q(ends_at__isnull=False, closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"poll of message {self.message_id}"


class Vote(models.Model):
    """That somebody chose an answer. Of anonymous polls, too: nobody may vote twice."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="votes", db_index=False)
    # Whoever voted is deactivated, not deleted: the sums would be wrong.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    option = models.PositiveSmallIntegerField()  # its place among the poll's, from 0

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["poll", "option", "user"], name="vote_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["poll", "option", "id"], name="vote_first")]

    def __str__(self) -> str:
        return f"vote of {self.user_id} in poll {self.poll_id}"
