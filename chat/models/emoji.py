"""The installation's own emoji, in the database: small ones, and what saves the one saves the other."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class OwnEmoji(models.Model):
    """A picture with a name, written `:name:`; always WebP, made anew from what was uploaded."""

    name = models.CharField(max_length=32, unique=True)
    # The hash of its bytes: what its address is made of, so that a message shows what it showed when it was written.
    key = models.CharField(max_length=64, db_index=True)
    content = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("name",)
        verbose_name = "emoji"
        verbose_name_plural = "emoji"

    def __str__(self) -> str:
        return f":{self.name}:"

    @property
    def path(self) -> str:
        """Where it is served."""
        return f"/api/emoji/{self.key}.webp"
