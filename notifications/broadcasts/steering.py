"""What an administrator does with a broadcast that is written: pause, resume, cancel, recall, skip one occurrence.

Each locks the broadcast, and with it its occurrences; what a sender has in hand then, it finishes or finds ended.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from notifications.broadcasts.planning import plan
from notifications.broadcasts.progress import UNTOUCHED, broadcast_locked, save_and_tell, settle
from notifications.errors import AlreadySent, NothingToRecall, NotRecurring, NotSending, OccurrenceNotFound
from notifications.models import OPEN, Broadcast, Occurrence, Status
from notifications.nudge import nudge
from notifications.recall import begin_recall, recall_chunk

_SKIPPED = gettext_noop("An administrator has skipped it.")


@transaction.atomic
def broadcast_cancel(broadcast_id: int) -> Broadcast:
    """Calls off what has not begun; again is safe. What is being sent is sent to its end.

    Raises BroadcastNotFound, AlreadySent.
    """
    broadcast = broadcast_locked(broadcast_id)
    if broadcast.status == Status.CANCELLED:
        return broadcast
    if not _end_untouched(broadcast.occurrences.all(), Status.CANCELLED) and broadcast.plan_at is None:
        raise AlreadySent
    broadcast.status, broadcast.plan_at = Status.CANCELLED, None
    save_and_tell(broadcast)
    return broadcast


@transaction.atomic
def broadcast_pause(broadcast_id: int) -> Broadcast:
    """Stops the sending after the present chunk, or before it begins; again is safe.

    Raises BroadcastNotFound, NotSending.
    """
    broadcast = broadcast_locked(broadcast_id)
    if broadcast.status != Status.PAUSED:
        if broadcast.status not in OPEN:
            raise NotSending
        broadcast.status = Status.PAUSED
        save_and_tell(broadcast)
    return broadcast


@transaction.atomic
def broadcast_resume(broadcast_id: int) -> Broadcast:
    """Goes on from where it was paused. Raises BroadcastNotFound, NotSending."""
    broadcast = broadcast_locked(broadcast_id)
    if broadcast.status != Status.PAUSED:
        raise NotSending
    # Claimed by nobody, as if a sender had died: the next tick finds it.
    broadcast.occurrences.filter(status=Status.SENDING).update(
        claim=None, claimed_until=timezone.now(), attempts=0
    )
    broadcast.status = Status.SCHEDULED
    settle(broadcast)
    save_and_tell(broadcast)
    transaction.on_commit(nudge, robust=True)
    return broadcast


def broadcast_recall(broadcast_id: int) -> Broadcast:
    """Takes it from everybody who has got it, and stops its sending; again is safe. A worker ends what takes longer.

    Raises BroadcastNotFound, NothingToRecall.
    """
    with transaction.atomic():
        broadcast = broadcast_locked(broadcast_id)
        if broadcast.status != Status.RECALLED:
            if not broadcast.occurrences.exclude(title="").exists():
                raise NothingToRecall
            begin_recall(broadcast)
            _end_untouched(broadcast.occurrences.all(), Status.CANCELLED)
            begun = (*OPEN, Status.SENT, Status.FAILED)
            broadcast.occurrences.filter(status__in=begun).update(status=Status.RECALLED)
            broadcast.status, broadcast.plan_at = Status.RECALLED, None
            save_and_tell(broadcast)
    if recall_chunk(Broadcast, broadcast_id):
        nudge()
    broadcast.refresh_from_db()
    return broadcast


@transaction.atomic
def occurrence_skip(occurrence_id: int) -> Occurrence:
    """Leaves out one time of a series, where it has zones in all of them; again is safe.

    Raises OccurrenceNotFound, NotRecurring, AlreadySent.
    """
    broadcast_id = Occurrence.objects.filter(pk=occurrence_id).values_list("broadcast", flat=True).first()
    if broadcast_id is None:
        raise OccurrenceNotFound
    broadcast = broadcast_locked(broadcast_id)
    occurrence = broadcast.occurrences.filter(pk=occurrence_id).first()
    if occurrence is None:
        raise OccurrenceNotFound
    if occurrence.status == Status.SKIPPED:
        return occurrence
    if not broadcast.recurs:
        raise NotRecurring
    same_time = broadcast.occurrences.filter(local_time=occurrence.local_time)
    if not _end_untouched(same_time, Status.SKIPPED, _SKIPPED):
        raise AlreadySent
    if broadcast.plan_at is not None:
        plan(broadcast, now=timezone.now())
    settle(broadcast)
    save_and_tell(broadcast)
    occurrence.refresh_from_db()
    return occurrence


def _end_untouched(occurrences: QuerySet[Occurrence], status: Status, why: str = "") -> int:
    """How many of them."""
    untouched = occurrences.filter(UNTOUCHED)
    return untouched.update(status=status, error=why, started_at=None, finished_at=timezone.now())
