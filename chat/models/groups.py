"""Groups of people that one mention means all at once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from accounts.names import MAX_USERNAME_CHARACTERS, username_key

MAX_GROUP_DESCRIPTION_CHARACTERS = 250


class UserGroup(models.Model):
    """`@name` means those of its members who are in the room. A user of the same name goes first."""

    class Who(models.TextChoices):
        """Who may mention it."""

        EVERYBODY = "everybody"
        MEMBERS = "members"

    name = models.CharField(max_length=MAX_USERNAME_CHARACTERS)
    name_key = models.CharField(max_length=3 * MAX_USERNAME_CHARACTERS, unique=True, editable=False)
    description = models.CharField(max_length=MAX_GROUP_DESCRIPTION_CHARACTERS, blank=True)
    mentioned_by = models.CharField(max_length=12, choices=Who.choices, default=Who.EVERYBODY)
    member_count = models.PositiveIntegerField(default=0, editable=False)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="GroupMember", related_name="mention_groups"
    )

    class Meta:
        permissions: ClassVar = [("manage_groups", "Can make and change groups of people")]

    def __str__(self) -> str:
        return f"@{self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = self.key_of(self.name)
        super().save(*args, **kwargs)

    @staticmethod
    def key_of(name: str) -> str:
        """Two groups with the same key have the same name."""
        return username_key(name)


class GroupMember(models.Model):
    group = models.ForeignKey(UserGroup, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["group", "user"], name="group_member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in group {self.group_id}"
