"""Taking back what has not been sent yet. What a worker has in its hands at that moment may still go out."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet

from notifications.deliveries.rules import State, Why
from notifications.models import UNSENT, AudienceNotification, Delivery, Notice, Notification


def cancel_seen(user: Any, own: Collection[Notification], shared: Collection[AudienceNotification]) -> None:
    """The person has had these lines on a screen. One query, and an update where there is something to cancel."""
    notices = {line.notice_id for line in [*own, *shared]} - {None}
    if not notices:
        return
    grouped = Q(notice__parts__notification__in=[line.pk for line in own])
    _cancel(_unsent(user).filter(Q(notice__in=notices) | grouped), Why.READ_ALREADY)


def cancel_all_seen(user: Any) -> None:
    """The person has read everything. One query, and an update where there is something to cancel."""
    _cancel(_unsent(user), Why.READ_ALREADY)


def cancel_recalled(notices: QuerySet[Notice], limit: int) -> bool:
    """At most `limit` of those of notices that were taken back; whether there may be more."""
    unsent = Delivery.objects.filter(notice__in=notices, state__in=UNSENT).order_by("pk")
    some = list(unsent.values_list("pk", flat=True)[:limit])
    _cancel(Delivery.objects.filter(pk__in=some, state__in=UNSENT), Why.RECALLED)
    return len(some) == limit


def _unsent(user: Any) -> Any:
    return Delivery.objects.filter(recipient=user, state__in=UNSENT)


def _cancel(deliveries: Any, why: Why) -> None:
    """Locks are taken in the order of rows: else two who cancel the same ones would wait for each other."""
    found = deliveries.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True)
    if pks := set(found):
        Delivery.objects.filter(pk__in=pks).update(state=State.SUPPRESSED, why=why, due_at=None)
