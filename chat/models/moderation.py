"""What keeping order stores: bans, blocks, reports, held messages, listed words, and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.add_only import AddOnly
from chat.models.messages import Message
from chat.models.rooms import Room
from chat.text import MAX_REASON_CHARACTERS, MAX_TEXT_CHARACTERS

MAX_WORD_CHARACTERS = 100
MAX_REPORT_CHARACTERS = 1000


class RoomBan(models.Model):
    """Who may not come back into a room. One that is over is as good as none."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="bans", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=MAX_REASON_CHARACTERS, blank=True)
    until = models.DateTimeField()  # `moderation.times.FOREVER` is for good
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["room", "user"], name="room_ban_once")]

    def __str__(self) -> str:
        return f"{self.user_id} from room {self.room_id}"


class Block(models.Model):
    """`blocker` wants to hear nothing of `blocked`."""

    blocker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
        ]

    def __str__(self) -> str:
        return f"{self.blocked_id} by {self.blocker_id}"


class Report(models.Model):
    """What somebody told the moderators, and what came of it."""

    class Why(models.TextChoices):
        SPAM = "spam", "Spam"
        HARASSMENT = "harassment", "Insults or harassment"
        HATE = "hate", "Hate"
        ILLEGAL = "illegal", "Illegal or dangerous"
        PRIVACY = "privacy", "Private data"
        OTHER = "other", "Something else"

    class Outcome(models.TextChoices):
        """Empty while it is open."""

        DISMISSED = "dismissed", "Dismissed"
        DELETED = "deleted", "Message deleted"
        WARNED = "warned", "Warned"
        MUTED = "muted", "Muted"
        BANNED = "banned", "Banned from the room"
        BANNED_EVERYWHERE = "banned_everywhere", "Banned from everything"

    # Null: about a person as such.
    room = models.ForeignKey(Room, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+")
    number = models.BigIntegerField(default=0)  # of the message in its room
    # What it said when it was reported: an edit or a deletion does not take the evidence away.
    excerpt = models.TextField(max_length=MAX_TEXT_CHARACTERS, blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    why = models.CharField(max_length=12, choices=Why.choices)
    text = models.TextField(max_length=MAX_REPORT_CHARACTERS, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    claimed_until = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    note = models.CharField(max_length=MAX_REASON_CHARACTERS, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField(null=True)

    class Meta:
        permissions: ClassVar = [("moderate", "Can moderate all rooms and people")]
        indexes: ClassVar = [
            models.Index(fields=["-id"], name="report_open", condition=models.Q(outcome="")),
            models.Index(fields=["room", "-id"], name="report_of_room"),
            models.Index(fields=["reporter", "created_at"], name="report_by"),
            models.Index(
                fields=["closed_at"], name="report_closed", condition=models.Q(closed_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


class HeldMessage(models.Model):
    """A message that a filter held back, until a moderator lets it through or drops it."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    text = models.TextField(max_length=MAX_TEXT_CHARACTERS, blank=True)  # beside files it may be empty
    client_id = models.CharField(max_length=64)
    # What it is beside its text: a `chat.moderation.payloads.Beside`, as JSON.
    beside = models.TextField(default="{}")
    why = models.CharField(max_length=MAX_REASON_CHARACTERS, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["author", "client_id"], name="held_once")]

    def __str__(self) -> str:
        return f"held message {self.pk}"


class ListedWord(models.Model):
    """A word, and what becomes of texts that have it."""

    class Action(models.TextChoices):
        REFUSE = "refuse", "Refuse the text"
        REPLACE = "replace", "Put asterisks in its place"
        HOLD = "hold", "Hold a message for a moderator, refuse anything else"

    word = models.CharField(
        max_length=MAX_WORD_CHARACTERS,
        unique=True,
        help_text="A word or several, in any case; * at the end stands for any letters that follow.",
    )
    action = models.CharField(max_length=8, choices=Action.choices, default=Action.REFUSE)

    class Meta:
        ordering: ClassVar = ["word"]

    def __str__(self) -> str:
        return self.word


class AuditEntry(AddOnly):
    """Who did what to whom, where and why. Only `trim` and `forget` take anything away."""

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
    )
    # Names as they were then.
    actor_name = models.CharField(max_length=200)
    act = models.CharField(max_length=60)
    room = models.ForeignKey(
        Room, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    room_name = models.CharField(max_length=64, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
    )
    person_name = models.CharField(max_length=200, blank=True)
    message = models.BigIntegerField(null=True)  # its id
    reason = models.CharField(max_length=MAX_REASON_CHARACTERS, blank=True)
    # What it changed, before and after.
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "audit log"
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["room", "-id"], name="audit_of_room")]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.act}"

    @classmethod
    def trim(cls, before: datetime, limit: int) -> int:
        """Deletes up to `limit` entries from before this moment, the oldest first. How many went."""
        oldest = cls.objects.order_by("pk").values_list("pk", "at")[:limit]
        old = [pk for pk, at in oldest if at < before]
        return models.QuerySet(cls).filter(pk__in=old)._raw_delete(cls.objects.db) or 0

    @classmethod
    def forget(cls, user_id: int, name: str) -> None:
        """Puts `name` in the place of a person's: their account is being erased."""
        everything: models.QuerySet[AuditEntry] = models.QuerySet(cls)
        everything.filter(actor_id=user_id).update(actor_name=name)
        everything.filter(person_id=user_id).update(person_name=name)
