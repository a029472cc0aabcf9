"""When a broadcast goes out, in words and as a moment."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from notifications.broadcasts.schedule import coming_times, in_words
from notifications.models import Broadcast


def due_text(broadcast: Broadcast) -> str:
    return in_words(broadcast.schedule) if broadcast.starts_at else "as soon as it is sent"


def due_moment_of(broadcast: Broadcast) -> datetime | None:
    """The next time, for whoever comes first; None for at once, and for what has no time to come."""
    if not broadcast.starts_at:
        return None
    time = next(coming_times(broadcast.schedule, now=timezone.now()), None)
    return time.at if time else None
