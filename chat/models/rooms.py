"""Rooms and who is in them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models.streams import stream_of
from chat.text import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MAX_REASON_CHARACTERS,
    MAX_TOPIC_CHARACTERS,
)

# Room for the ids of everybody in a direct conversation.
MAX_DIRECT_KEY_CHARACTERS = 255


class Room(models.Model):
    class Kind(models.TextChoices):
        PUBLIC = "public"
        PRIVATE = "private"
        DIRECT = "direct"

    class MentionAll(models.TextChoices):
        """Who may address everybody in the room at once, with @room or @here."""

        SMALL_ROOMS = "small_rooms"  # every member as long as the room is small, then owners
        MEMBERS = "members"
        OWNERS = "owners"

    class Posting(models.TextChoices):
        """Who may write."""

        EVERYBODY = "everybody"
        MODERATORS = "moderators"  # and owners
        OWNERS = "owners"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=MAX_NAME_CHARACTERS, blank=True)
    topic = models.CharField(max_length=MAX_TOPIC_CHARACTERS, blank=True)
    description = models.TextField(
        max_length=MAX_DESCRIPTION_CHARACTERS, blank=True, default="", db_default=""
    )
    # Since when nobody may write there any more.
    archived_at = models.DateTimeField(null=True, editable=False)
    # Set for public rooms: their names are unique whatever the case.
    name_key = models.CharField(max_length=3 * MAX_NAME_CHARACTERS, unique=True, null=True, editable=False)  # noqa: DJ001
    # Set for direct rooms: the ids of their people, rising, with ":" between them.
    direct_key = models.CharField(  # noqa: DJ001
        max_length=MAX_DIRECT_KEY_CHARACTERS, unique=True, null=True, editable=False
    )
    mention_all = models.CharField(
        max_length=12,
        choices=MentionAll.choices,
        default=MentionAll.SMALL_ROOMS,
        db_default=MentionAll.SMALL_ROOMS,
    )
    # Whether the pages that its messages link to are fetched and shown.
    link_previews = models.BooleanField(default=True, db_default=True)
    posting = models.CharField(
        max_length=10, choices=Posting.choices, default=Posting.EVERYBODY, db_default=Posting.EVERYBODY
    )
    # Seconds between two messages of a person; 0: as many as they like. Owners and moderators are exempt.
    slow_mode_s = models.PositiveIntegerField(default=0, db_default=0)
    # Messages that are older are deleted; 0: none are. Null: as the installation has it.
    retention_days = models.PositiveIntegerField(null=True)
    # Nothing is deleted for its age, nor with its author's account, as long as this is set.
    legal_hold = models.BooleanField(default=False, db_default=False)
    # When to look for messages that are too old; null: never.
    trim_at = models.DateTimeField(null=True, editable=False)
    # Messages up to this number were deleted for their age.
    trimmed_number = models.BigIntegerField(default=0, db_default=0, editable=False)
    last_number = models.BigIntegerField(default=0, editable=False)
    # How many messages its timeline does not show, because only their threads do; the number of the last of them, and
    # of the last one before it that is shown. Touched by such a message alone: `last_shown` follows.
    hidden_count = models.BigIntegerField(default=0, db_default=0, editable=False)
    hidden_number = models.BigIntegerField(default=0, db_default=0, editable=False)
    shown_number = models.BigIntegerField(default=0, db_default=0, editable=False)
    # Changed under the row's lock, so that the counts in events come in the order of the events.
    member_count = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["trim_at"], name="room_trim", condition=models.Q(trim_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.kind} room {self.pk}"

    @property
    def stream(self) -> str:
        return stream_of(self.pk)


class Member(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner"
        MODERATOR = "moderator"
        MEMBER = "member"
        GUEST = "guest"  # of everybody whose account is a guest's

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="members")
    # Whoever is in a room is deactivated, not deleted: nobody vanishes without an event.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=9, choices=Role.choices, default=Role.MEMBER)
    # The number of the last message this member has seen, on whatever device. Rises, unless they set it back.
    read_number = models.BigIntegerField(default=0)
    # How often they did, and the room's last message when they did so last: see `chat.unread`.
    unread_version = models.BigIntegerField(default=0, db_default=0)
    unread_as_of = models.BigIntegerField(default=0, db_default=0)
    # In direct rooms: what a device of this member has got of the room's stream, by its seq. Only rises.
    delivered_seq = models.BigIntegerField(default=0, db_default=0)
    joined_at = models.DateTimeField(default=timezone.now)
    # Among this member's favourite rooms, from 1; 0: it is not one.
    favourite_position = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Cannot write until then; `moderation.times.FOREVER` is for good.
    muted_until = models.DateTimeField(null=True)
    mute_reason = models.CharField(max_length=MAX_REASON_CHARACTERS, blank=True, default="", db_default="")
    # Of a direct conversation of two: one of them has blocked the other, so that this one cannot write.
    barred = models.BooleanField(default=False, db_default=False)
    # When they last wrote here, by the database's clock.
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "room"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}"
