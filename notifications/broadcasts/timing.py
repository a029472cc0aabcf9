"""When a broadcast goes out, in words and as a moment, and how long it lasts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from notifications.broadcasts.schedule import coming_times, in_words
from notifications.models import Broadcast


def due_text(broadcast: Broadcast) -> str:
    return in_words(broadcast.schedule) if broadcast.starts_at else gettext("as soon as it is sent")


def due_moment_of(broadcast: Broadcast) -> datetime | None:
    """The next time, for whoever comes first; None for at once, and for what has no time to come."""
    if not broadcast.starts_at:
        return None
    time = next(coming_times(broadcast.schedule, now=timezone.now()), None)
    return time.at if time else None


def lifetime_text(span: timedelta) -> str:
    """When it disappears, in whole hours or days."""
    hours = round(span.total_seconds() / 3600)
    number = hours // 24 or hours
    text = (
        ngettext("after %(number)s day", "after %(number)s days", number)
        if hours >= 24
        else ngettext("after %(number)s hour", "after %(number)s hours", number)
    )
    return text % {"number": number}
