"""Links into rooms."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models.rooms import Room


class Invitation(models.Model):
    """A link that lets whoever has it into a room. Of its token only a digest is kept."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="invitations")
    # Whoever made it may be gone; the link stays the room's.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    # Random. The token is made of it and the site's secret, so that a repeated request gets the same link.
    seed = models.CharField(max_length=64, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    max_uses = models.PositiveIntegerField(null=True)
    uses = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["room", "id"], name="invitation_open", condition=models.Q(revoked_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"link {self.pk} into {self.room_id}"
