"""What a person sends later."""

from __future__ import annotations

from chat.conf import numbers
from chat.models import Scheduled
from chat.scheduled.payloads import ScheduledMessage


def scheduled_of(user_id: int) -> list[ScheduledMessage]:
    """The next one first. Two queries."""
    rows = Scheduled.objects.filter(author_id=user_id).prefetch_related("uploads").order_by("send_at", "pk")
    return [ScheduledMessage.of(row) for row in rows[: numbers().max_scheduled]]
