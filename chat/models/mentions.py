"""Whom messages mean, and who is still to be told of them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from chat.models.groups import UserGroup
from chat.models.messages import Message
from chat.models.rooms import Room
from chat.models.threads import Thread


class Mention(models.Model):
    """That a message means a member, or all of them: what counts in the room list, and may be searched for."""

    class Kind(models.TextChoices):
        USER = "user"
        ROOM = "room"  # everybody; `user` is null
        HERE = "here"  # everybody who was online: one row without `user`, which becomes one for each of them
        GROUP = "group"  # those of `group` who are in the room: as HERE
        WORD = "word"  # it has one of the person's own words; does not count in the room list

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)
    # As in the message.
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.BigIntegerField()
    # The thread that alone shows the message: there it counts, and not in the room.
    thread = models.ForeignKey(
        Thread,
        null=True,
        on_delete=models.CASCADE,
        related_name="mentions",
        db_index=False,
        db_constraint=False,
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    group = models.ForeignKey(
        UserGroup, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    # Whether the notifications are out.
    told = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "user", "kind"], name="mention_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "room", "number"], name="mention_of_user"),
            models.Index(
                fields=["room", "number"], name="mention_of_all", condition=models.Q(user__isnull=True)
            ),
            models.Index(
                fields=["thread", "number"],
                name="mention_in_thread",
                condition=models.Q(thread__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id or ''} in message {self.message_id}"


class Untold(models.Model):
    """A message whose people are still to be notified; written with it, deleted with their notifications."""

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "untold"

    def __str__(self) -> str:
        return f"message {self.message_id}"
