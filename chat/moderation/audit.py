"""The audit log of chat: written in the transaction of the act, added to only; kept for `audit_keep_days`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from chat.conf import numbers
from chat.models import AuditEntry, Report, Room


def record(
    actor: User | None,
    act: str,
    *,
    room: Room | None = None,
    person: User | None = None,
    message: int | None = None,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Writes down that somebody did something; `actor` None: the system. `act` is a verb in the past: "muted"."""
    AuditEntry.objects.create(
        actor=actor,
        actor_name=actor.get_full_name() if actor is not None else "",
        act=act,
        room=room,
        room_name=room.name if room is not None else "",
        person=person,
        person_name=person.get_full_name() if person is not None else "",
        message=message,
        reason=reason,
        details=dict(details or {}),
    )


def anything_old() -> bool:
    """A look at the oldest entry, and one into a small index."""
    oldest = AuditEntry.objects.order_by("pk").values_list("at", flat=True).first()
    return (oldest is not None and oldest < _before()) or _old_reports().exists()


def trim_some() -> bool:
    """Deletes some old entries, and reports that were closed as long ago; whether more may be left."""
    size = numbers().trim_chunk
    reports = list(_old_reports().values_list("pk", flat=True)[:size])
    Report.objects.filter(pk__in=reports).delete()
    return max(AuditEntry.trim(_before(), size), len(reports)) == size


def _old_reports() -> QuerySet[Report]:
    return Report.objects.filter(closed_at__lt=_before())


def _before() -> datetime:
    return timezone.now() - timedelta(days=numbers().audit_keep_days)
