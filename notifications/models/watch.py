"""That a page looks at a broadcast: then its figures are counted."""

from django.db import models

from notifications.models.broadcast import Broadcast


class Watch(models.Model):
    """`until` when somebody counts, and what was `told` last, as JSON."""

    broadcast = models.OneToOneField(
        Broadcast, primary_key=True, on_delete=models.CASCADE, related_name="watch"
    )
    until = models.DateTimeField(db_index=True)
    told = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.broadcast_id} until {self.until}"
