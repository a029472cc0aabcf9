"""Until when. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chat.moderation.errors import BadUntil

# A moment that never comes stands for "for good": it compares like any other.
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
_LONGEST = timedelta(days=3 * 366)


def checked_until(until: datetime | None, now: datetime) -> datetime:
    """The end of a mute or ban, None for good. Raises BadUntil for the past, the far future and naive times."""
    if until is None:
        return FOREVER
    if until.tzinfo is None or not now < until <= now + _LONGEST:
        raise BadUntil()
    return until


def shown_until(until: datetime | None) -> datetime | None:
    """As clients and people see it: None for good."""
    return None if until is None or until >= FOREVER else until


def until_words(until: datetime | None) -> str:
    """For a sentence: "until 2026-11-30 12:00 UTC", or "for good"."""
    end = shown_until(until)
    return "for good" if end is None else f"until {end.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def moment_of(stored: datetime | str | None) -> datetime | None:
    """A column as `realtime.rows` reads it: on SQLite a moment in UTC without a zone, or its text."""
    if stored is None:
        return None
    moment = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
