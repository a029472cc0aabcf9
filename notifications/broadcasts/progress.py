"""How far a broadcast has come: its status from what its occurrences are doing, its figures, and the event for both."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet, Subquery

from notifications.errors import BroadcastNotFound
from notifications.events import BroadcastProgress
from notifications.models import OPEN, Broadcast, Occurrence, Status
from realtime import publish

# Occurrences of which nothing is out: claimed ones too, because a sender takes the words with its first chunk.
UNTOUCHED = Q(status=Status.SCHEDULED) | Q(status=Status.SENDING, title="")
# What only an administrator begins and ends.
_STOPPED = frozenset({Status.DRAFT, Status.PAUSED, Status.CANCELLED, Status.RECALLED})


def broadcast_locked(broadcast_id: int) -> Broadcast:
    """For the rest of the transaction, with its occurrences. Raises BroadcastNotFound."""
    broadcast = Broadcast.objects.select_for_update(of=("self",)).filter(pk=broadcast_id).first()
    if broadcast is None:
        raise BroadcastNotFound
    return broadcast


def present_occurrences(broadcast: Broadcast) -> QuerySet[Occurrence]:
    """Those of the time that began last, or else of the first one to come; one for each offset where it has many."""
    times = broadcast.occurrences.order_by(F("started_at").desc(nulls_last=True), "due_at", "pk")
    return broadcast.occurrences.filter(local_time=Subquery(times.values("local_time")[:1]))


def progress(broadcast: Broadcast) -> BroadcastProgress:
    """Of its present occurrences. One query."""
    rows = list(present_occurrences(broadcast).values_list("total", "done", "status", "error"))
    failures = (error for _, _, status, error in rows if status == Status.FAILED)
    return BroadcastProgress(
        id=broadcast.pk,
        status=broadcast.status,
        total=sum(row[0] for row in rows),
        done=sum(row[1] for row in rows),
        error=next(failures, ""),
    )


def settle(broadcast: Broadcast) -> None:
    """Gives a locked broadcast the status that its occurrences have together; the caller saves it."""
    if broadcast.status in _STOPPED:
        return
    going_on = set(broadcast.occurrences.filter(status__in=OPEN).values_list("status", flat=True))
    if Status.SENDING in going_on:
        broadcast.status = Status.SENDING
    elif going_on or broadcast.plan_at is not None:
        broadcast.status = Status.SCHEDULED
    else:
        ended = set(present_occurrences(broadcast).values_list("status", flat=True))
        broadcast.status = Status.FAILED if Status.FAILED in ended else Status.SENT


def save_and_tell(broadcast: Broadcast) -> None:
    """Saves a locked broadcast, and tells whoever follows it."""
    broadcast.save()
    publish(broadcast.progress_stream, progress(broadcast))
