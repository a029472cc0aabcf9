"""Pictures of broadcasts, in the database: small ones, and what saves the one saves the other."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Picture(models.Model):
    """One picture under the hash of its bytes; always WebP, made anew from what was uploaded."""

    key = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.key[:12]} ({self.width}×{self.height})"

    @property
    def path(self) -> str:
        """Where it is served."""
        return f"/api/pictures/{self.key}.webp"
