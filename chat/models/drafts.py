"""What people began to write."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from chat.models.rooms import Member

MAX_DRAFT_CHARACTERS = 8000


class Draft(models.Model):
    """What a member began to write, in the room or in one of its threads. It goes with the membership."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    thread = models.BigIntegerField(default=0)  # the id of the thread's first message; 0: in the room itself
    text = models.TextField(max_length=MAX_DRAFT_CHARACTERS)
    # Rises with each change; in microseconds, so that a draft that is begun anew is newer than the one before.
    version = models.BigIntegerField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["member", "thread"], name="draft_once")]

    def __str__(self) -> str:
        return f"draft of member {self.member_id}"
