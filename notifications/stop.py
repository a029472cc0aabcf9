"""The switch that stops all sending: a row in the database, which every sender reads before each chunk of people, and
before each message outside the app.

So it works without Redis and whatever the workers are busy with. What is being taken back goes on.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists
from django.utils import timezone

from notifications.broadcasts.audit import record
from notifications.errors import AlreadyStopped
from notifications.models import SendingStop
from notifications.nudge import nudge


def current_stop() -> SendingStop | None:
    """Who stopped all sending, and why; None while things go out. One look-up in a small index."""
    return SendingStop.objects.filter(ended_at=None).select_related("stopped_by").first()


def sending_stopped() -> bool:
    return SendingStop.objects.filter(ended_at=None).exists()


def while_stopped() -> Exists:
    """The same as a condition, for a statement that is made anyway."""
    return Exists(SendingStop.objects.filter(ended_at=None))


@transaction.atomic
def sending_stop(*, by: Any, reason: str) -> SendingStop:
    """Stops all sending. Raises AlreadyStopped. Whoever calls has checked `policies.may_stop`."""
    try:
        with transaction.atomic():
            stop = SendingStop.objects.create(stopped_by=by, reason=reason)
    except IntegrityError:
        raise AlreadyStopped from None
    record(by, "stopped all sending", note=reason)
    return stop


@transaction.atomic
def sending_release(*, by: Any) -> bool:
    """Lets everything go on from where it was; whether it was stopped."""
    ended = SendingStop.objects.filter(ended_at=None).update(ended_at=timezone.now(), ended_by=by)
    if ended:
        record(by, "let sending go on")
        transaction.on_commit(nudge, robust=True)
    return bool(ended)
