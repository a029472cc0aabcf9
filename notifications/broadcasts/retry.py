"""What failed is tried again, from the beginning."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from notifications.broadcasts.progress import broadcast_locked
from notifications.deliveries.rules import State, Why
from notifications.errors import NothingToRetry
from notifications.models import Broadcast, Delivery
from notifications.nudge import nudge


@transaction.atomic
def broadcast_retry(broadcast_id: int) -> Broadcast:
    """Makes the failed deliveries of a broadcast due again; who has it by another address is left alone.

    Raises BroadcastNotFound, NothingToRetry.
    """
    broadcast = broadcast_locked(broadcast_id)
    failed = Delivery.objects.filter(notice__occurrence__broadcast=broadcast, state=State.FAILED)
    if not failed.update(
        state=State.WAITING, why=Why.DUE, due_at=timezone.now(), attempts=0, settled="[]", error=""
    ):
        raise NothingToRetry
    transaction.on_commit(nudge, robust=True)
    return broadcast
