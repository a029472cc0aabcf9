"""Sends digests whose window has ended: one row of `Digest` for each, claimed by any number of workers, sent by one.

    window ended --gather--> waiting --claim--> (due again at the end of the lease) --> sent | empty | waiting | failed

A worker that dies before the channel has said yes has sent nothing, and another one goes on when the lease has run out.
Between that yes and our commit the message goes again, under the same id. No transaction is open meanwhile.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, QuerySet
from django.utils import timezone

from notifications.channels import Address, Gone, Outcome, Refused, Retry, Sent, known_channel
from notifications.conf import numbers
from notifications.deliveries.rules import State, Why
from notifications.deliveries.selectors import DueDigest, deliveries_in, due_digests
from notifications.deliveries.sending import MAX_ERROR_CHARS, MAX_REFERENCE_CHARS, back_off_s, recheck
from notifications.digests.compose import digest_message
from notifications.digests.message import DigestChannel, DigestMessage
from notifications.models import Delivery, Digest, DigestState
from notifications.preferences.selectors import people_for
from notifications.stop import sending_stopped
from realtime import failpoint

logger = logging.getLogger(__name__)

_LATER = timedelta(hours=1)


def anything_due() -> bool:
    """Two looks into small indexes."""
    waiting = Digest.objects.filter(state=DigestState.WAITING, due_at__lte=timezone.now())
    return waiting.exists() or bool(due_digests(1))


def send_due() -> None:
    """Gathers and sends what is due, until nothing is or the task has had its time."""
    end_s = time.monotonic() + numbers().delivery_run_s
    gather()
    while time.monotonic() < end_s and (digest := claim_due()):
        send(digest)


@transaction.atomic
def gather() -> None:
    """Makes the row of each digest whose window has ended. What missed one that is over joins the next full hour's."""
    Digest.objects.bulk_create(
        (
            Digest(recipient_id=one.user_id, channel=one.channel, window_ends_at=one.window_ends_at)
            for one in due_digests(numbers().digest_chunk)
        ),
        ignore_conflicts=True,
    )
    over = Digest.objects.of_delivery().exclude(state=DigestState.WAITING)
    late = Delivery.objects.filter(Exists(over), state=State.DIGEST, due_at__lte=timezone.now())
    late.update(due_at=F("due_at") + _LATER)


@transaction.atomic
def claim_due() -> Digest | None:
    """The next digest, which nobody else gets until its lease has run out; none while all sending is stopped."""
    if sending_stopped():
        return None
    now = timezone.now()
    due = Digest.objects.filter(state=DigestState.WAITING, due_at__lte=now).order_by("due_at", "pk")
    digest = due.select_for_update(skip_locked=True, of=("self",)).first()
    if digest is not None:
        digest.claim, digest.due_at = uuid.uuid4(), _lease_end()
        digest.attempts += 1
        digest.save(update_fields=["claim", "due_at", "attempts"])
    return digest


def send(digest: Digest) -> None:
    """Sends a claimed digest of what still belongs into it, or concludes that nothing does."""
    kept = _kept(digest)
    if not kept:
        _conclude(digest, DigestState.EMPTY)
        return
    channel, user_id = known_channel(digest.channel), digest.recipient_id
    addresses = channel.addresses_of([user_id]).get(user_id) if channel is not None else None
    if not addresses or not isinstance(channel, DigestChannel):
        _settle(digest, kept, Gone("no address"))
        return
    person = people_for([user_id], category="", scope="")[user_id]
    message = digest_message(digest, kept, person)
    failpoint("digest_composed")
    if _hold(digest):
        outcome = _attempt(channel, addresses[0], message)
        failpoint("digest_sent")
        _settle(digest, kept, outcome)


def _kept(digest: Digest) -> list[Delivery]:
    """Of the deliveries in its window, those that still need telling."""
    window = DueDigest(digest.recipient_id, digest.channel, digest.window_ends_at)
    found = list(deliveries_in(window))
    kept: list[Delivery] = []
    for start in range(0, len(found), numbers().delivery_chunk):
        kept += recheck(found[start : start + numbers().delivery_chunk])
        if not _hold(digest):
            return []
    return kept


def _attempt(channel: DigestChannel, address: Address, message: DigestMessage) -> Outcome:
    try:
        return channel.send_digest(address, message)
    except Exception:  # a bug of that channel, which is to stop neither the others nor the worker
        logger.exception("A channel failed over %s.", message.id)
        return Retry("The channel failed; see the worker's log.")


def _settle(digest: Digest, kept: Sequence[Delivery], outcome: Outcome) -> None:
    """Writes down what became of the digest, and of what was in it."""
    match outcome:
        case Sent(reference=reference):
            digest.sent_at, digest.count = timezone.now(), len(kept)
            digest.reference = reference[:MAX_REFERENCE_CHARS]
            _conclude(digest, DigestState.SENT, kept, State.SENT, Why.DIGEST)
        case Retry(reason=reason, after_s=after_s) if digest.attempts < numbers().delivery_attempts:
            wait = timedelta(seconds=back_off_s(digest.attempts, after_s or 0.0))
            digest.error = reason[:MAX_ERROR_CHARS]
            _mine(digest).update(due_at=timezone.now() + wait, claim=None, error=digest.error)
        case Gone(reason=reason):
            digest.error = reason[:MAX_ERROR_CHARS]
            _conclude(digest, DigestState.EMPTY, kept, State.SUPPRESSED, Why.NO_DEVICE)
        case Retry(reason=reason) | Refused(reason=reason):
            digest.error = reason[:MAX_ERROR_CHARS]
            why = Why.REFUSED if isinstance(outcome, Refused) else Why.FAILED
            _conclude(digest, DigestState.FAILED, kept, State.FAILED, why)


@transaction.atomic
def _conclude(
    digest: Digest,
    ended: DigestState,
    kept: Sequence[Delivery] = (),
    state: State = State.SENT,
    why: Why = Why.DIGEST,
) -> None:
    """What was sent is written down whatever happened meanwhile; all else only by whose digest it is."""
    rows = Digest.objects.filter(pk=digest.pk) if ended == DigestState.SENT else _mine(digest)
    if not rows.update(
        state=ended,
        claim=None,
        count=digest.count,
        sent_at=digest.sent_at,
        reference=digest.reference,
        error=digest.error,
    ):
        return
    told = Delivery.objects.filter(pk__in=[one.pk for one in kept], state=State.DIGEST)
    told.update(
        state=state,
        why=why,
        due_at=None,
        sent_at=digest.sent_at,
        reference=digest.reference,
        error=digest.error,
    )


def _hold(digest: Digest) -> bool:
    """Takes the lease anew; False where the digest is another worker's by now."""
    return bool(_mine(digest).update(due_at=_lease_end()))


def _mine(digest: Digest) -> QuerySet[Digest]:
    return Digest.objects.filter(pk=digest.pk, claim=digest.claim, state=DigestState.WAITING)


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=numbers().delivery_lease_s)
