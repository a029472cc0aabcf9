"""Writes events into the outbox, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from realtime.log.models import Event
from realtime.protocol.codec import encode
from realtime.protocol.streams import check_stream


def append(events: Iterable[tuple[str, Any]]) -> set[str]:
    """Stores `(stream, event)` pairs without numbers, with one INSERT. Returns the streams."""
    now = timezone.now()
    rows = [
        Event(
            stream=check_stream(stream),
            seq=None,
            name=event.event_name,
            at=now,
            data=encode(event).decode(),
        )
        for stream, event in events
    ]
    Event.objects.bulk_create(rows)
    return {row.stream for row in rows}
