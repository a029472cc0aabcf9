"""Tables of chat. Everything that changes a row is in `services`; every read on a user's behalf goes by `policies`."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.text import MAX_NAME_CHARACTERS, MAX_TEXT_CHARACTERS, MAX_TOPIC_CHARACTERS


class Room(models.Model):
    class Kind(models.TextChoices):
        PUBLIC = "public"
        PRIVATE = "private"
        DIRECT = "direct"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=MAX_NAME_CHARACTERS, blank=True)
    topic = models.CharField(max_length=MAX_TOPIC_CHARACTERS, blank=True)
    # Set for public rooms: their names are unique whatever the case.
    name_key = models.CharField(max_length=3 * MAX_NAME_CHARACTERS, unique=True, null=True, editable=False)  # noqa: DJ001
    # Set for direct rooms: "<lower user id>:<higher user id>".
    direct_key = models.CharField(max_length=41, unique=True, null=True, editable=False)  # noqa: DJ001
    last_number = models.BigIntegerField(default=0, editable=False)
    # Changed under the row's lock, so that the counts in events come in the order of the events.
    member_count = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.name or f"{self.kind} room {self.pk}"

    @property
    def stream(self) -> str:
        return stream_of(self.pk)


class Member(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner"
        MEMBER = "member"

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="members")
    # Whoever is in a room is deactivated, not deleted: nobody vanishes without an event.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    # The number of the last message this member has seen, on whatever device. Only rises.
    read_number = models.BigIntegerField(default=0)
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "room"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}"


class Message(models.Model):
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="messages", db_index=False)
    number = models.BigIntegerField()  # 1, 2, 3 … in its room; the unique index serves the pages
    seq = (
        models.BigIntegerField()
    )  # of its event on the room's stream; 0 where history was imported without events
    # An author with messages is deactivated, not deleted: history has no holes.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    text = models.TextField(max_length=MAX_TEXT_CHARACTERS, blank=True)
    client_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "number"], name="message_number"),
            models.UniqueConstraint(fields=["author", "client_id"], name="message_once"),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}/{self.number}"


def stream_of(room_id: int | str) -> str:
    """The stream that carries a room's events."""
    return f"room:{room_id}"


def user_stream(user_id: int) -> str:
    """The stream of what concerns one user alone, on all their devices."""
    return f"user:{user_id}"
