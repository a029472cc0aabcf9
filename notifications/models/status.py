"""The status page: the model that shows live model events at work."""

from django.db import models

from realtime.live.models import LiveModel


class StatusItem(LiveModel):
    """A line of the service's status page: the model that shows live model events at work."""

    class State(models.TextChoices):
        OPERATIONAL = "operational", "Operational"
        DEGRADED = "degraded", "Degraded"
        OUTAGE = "outage", "Outage"

    name = models.CharField(max_length=100, unique=True)
    state = models.CharField(max_length=12, choices=State, default=State.OPERATIONAL)
    note = models.CharField(max_length=500, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
