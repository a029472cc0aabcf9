"""The base of live models, and the version of each live row.

A version rises with every event of its row, also over deletion and a new row of the same key.
"""

from django.db import models

from realtime.live.queryset import LiveManager


class LiveModel(models.Model):
    """Base of a live model: its manager also serves related managers and SET_NULL cascades."""

    objects = LiveManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


class LiveVersion(models.Model):
    model = models.CharField(max_length=80)
    object_pk = models.CharField(max_length=64)
    version = models.BigIntegerField(default=1)

    class Meta:
        db_table = "realtime_live_version"
        constraints = [models.UniqueConstraint(fields=["model", "object_pk"], name="live_version_of_row")]

    def __str__(self) -> str:
        return f"{self.model} {self.object_pk} version {self.version}"
