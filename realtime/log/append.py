"""Writes events into the outbox, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from realtime import conf
from realtime.errors import Invalid
from realtime.log.models import Event
from realtime.protocol.codec import encode
from realtime.protocol.streams import check_stream


class EventTooLarge(Invalid):
    code = "event_too_large"
    message = "The event is too large: publish its id, and let clients fetch the rest."


def append(events: Iterable[tuple[str, Any]]) -> set[str]:
    """Stores `(stream, event)` pairs without numbers, with one INSERT. Returns the streams. Raises EventTooLarge."""
    now = timezone.now()
    rows = [
        Event(
            stream=check_stream(stream),
            seq=None,
            name=event.event_name,
            at=now,
            data=_encoded(event).decode(),
        )
        for stream, event in events
    ]
    Event.objects.bulk_create(rows)
    return {row.stream for row in rows}


def _encoded(event: Any) -> bytes:
    data = encode(event)
    limit: int = conf.get("MAX_EVENT_BYTES")
    if len(data) > limit:
        raise EventTooLarge(
            f"{event.event_name} has {len(data)} bytes; at most {limit} are taken. "
            "Publish its id, and let clients fetch the rest.",
            max_bytes=limit,
        )
    return data
