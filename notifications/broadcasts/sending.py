"""The life of an occurrence: due in its table, claimed by one sender, sent in chunks.

    scheduled --claim--> sending --last chunk--> sent --recall--> recalled
      |    |              |  ^ ^                                     ^
      |    |              |  | `-- lease ran out: claimed again, goes on from the cursor
      |    |              |  `---- its broadcast is paused, and resumed
      |    `--> skipped   |`-----> failed                            |
      `-----> cancelled   `------------------------------------------'

A chunk is one transaction: inbox rows, events, cursor and lease together, checked against the claim. So a sender
that dies leaves whole chunks, and one that was taken for dead can write nothing any more.
"""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_noop

from notifications.audiences import count, people, stream_of
from notifications.broadcasts.messages import decide_people, notice_of
from notifications.broadcasts.pace import chunk_size, paced_on, pause_s
from notifications.broadcasts.planning import plan_due, skip_missed, spread
from notifications.broadcasts.progress import save_and_tell, settle
from notifications.broadcasts.schedule import OWN_ZONE
from notifications.broadcasts.wording import line_content
from notifications.conf import Numbers, numbers
from notifications.deliveries.rules import IN_APP
from notifications.events import NotificationCreated
from notifications.models import (
    AudienceNotification,
    Broadcast,
    Notification,
    Occurrence,
    Status,
)
from notifications.nudge import nudge
from notifications.placing import add_lines, lock_inboxes
from notifications.selectors import audience_item
from notifications.stop import sending_stopped
from realtime import failpoint, publish

logger = logging.getLogger(__name__)

# Of a broadcast whose occurrences are sent; of a cancelled one, those that had begun.
_RUNNING = (Status.SCHEDULED, Status.SENDING, Status.CANCELLED)
_AUDIENCE_GONE = gettext_noop("The audience does not exist any more.")
_STUCK = gettext_noop("Sending stopped several times without getting on; see the worker's log.")
# Stored as they are, and translated where they are shown.
FAILURES = (_AUDIENCE_GONE, _STUCK)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send an occurrence, until its lease runs out."""

    occurrence_id: int
    key: uuid.UUID


def occurrence_claim_due(*, now: datetime | None = None) -> list[Claim]:
    """Claim what is due, and what a dead sender left behind; each by exactly one of any number of callers.

    Before that, series get the occurrences that they lack, and what was missed is skipped. Nothing while all sending
    is stopped.
    """
    now = now or timezone.now()
    if sending_stopped():
        return []
    plan_due(now)
    skip_missed(now)
    limits = numbers()
    due = _claimable(now).order_by("due_at", "id").values_list("pk", "attempts")[: limits.claim_batch]
    claims = []
    for occurrence_id, attempts in due:
        if attempts >= limits.max_attempts:
            _give_up(occurrence_id, now)
        elif claim := _claim(occurrence_id, now, limits):
            claims.append(claim)
    return claims


def occurrence_send(claim: Claim) -> None:
    """Send from where the cursor stands to the end, or until the claim is another's."""
    if not _begin(claim):
        logger.info("Occurrence %s is another sender's now.", claim.occurrence_id)
        return
    reported_at_s: float | None = None
    interval_s = numbers().progress_interval_s
    while True:
        failpoint("broadcast_chunk")
        report = reported_at_s is None or time.monotonic() - reported_at_s >= interval_s
        wait_s = _send_chunk(claim, reporting=report)
        if wait_s is None:
            return
        time.sleep(wait_s)
        if report:
            reported_at_s = time.monotonic()


# ---- claiming


def _claimable(now: datetime) -> QuerySet[Occurrence]:
    due = Q(status=Status.SCHEDULED, due_at__lte=now)
    left_behind = Q(status=Status.SENDING, claimed_until__lt=now)
    # A condition on another table, not a join: an update that has waited checks the row's own columns again.
    running = Broadcast.objects.filter(status__in=_RUNNING)
    return Occurrence.objects.filter(due | left_behind, broadcast__in=running)


def _claim(occurrence_id: int, now: datetime, limits: Numbers) -> Claim | None:
    """A conditional update: on every database one of many callers changes the row, the others change none."""
    key = uuid.uuid4()
    claimed = (
        _claimable(now)
        .filter(pk=occurrence_id)
        .update(
            status=Status.SENDING,
            claim=key,
            claimed_until=now + timedelta(seconds=limits.lease_s),
            begun=False,
            fence=F("fence") + 1,
            started_at=Coalesce(F("started_at"), now),
        )
    )
    return Claim(occurrence_id, key) if claimed else None


def _begin(claim: Claim) -> bool:
    """A worker takes a claim up. One that was claimed anew while it waited in a queue too, unless that one has begun:
    else a queue longer than a lease would let no claim ever be worked off.
    """
    now = timezone.now()
    mine = Occurrence.objects.filter(Q(claim=claim.key) | Q(begun=False), pk=claim.occurrence_id)
    return bool(
        mine.filter(status=Status.SENDING).update(
            claim=claim.key,
            begun=True,
            claimed_until=now + timedelta(seconds=numbers().lease_s),
            attempts=F("attempts") + 1,
        )
    )


@transaction.atomic
def _give_up(occurrence_id: int, now: datetime) -> None:
    broadcast, occurrence = _locked(occurrence_id, _claimable(now))
    if broadcast is not None and occurrence is not None:
        _fail(occurrence, _STUCK)
        settle(broadcast)
        save_and_tell(broadcast)


# ---- sending


@transaction.atomic
def _send_chunk(claim: Claim, *, reporting: bool) -> float | None:
    """The next chunk, in one transaction. Seconds to wait before the one after it; None when there is nothing left to
    do under this claim.
    """
    if sending_stopped():
        logger.info("All sending is stopped; occurrence %s waits.", claim.occurrence_id)
        return None
    mine = Occurrence.objects.filter(status=Status.SENDING, claim=claim.key)
    broadcast, occurrence = _locked(claim.occurrence_id, mine)
    if broadcast is None or occurrence is None or broadcast.status not in _RUNNING:
        logger.info("Occurrence %s is not this sender's any more.", claim.occurrence_id)
        return None
    if occurrence.spreads:
        _spread(broadcast, occurrence)
        return None
    now = timezone.now()
    occurrence.claimed_until = now + timedelta(seconds=numbers().lease_s)
    if wait_s := pause_s(broadcast, now):
        occurrence.save(update_fields=["claimed_until"])
        return wait_s
    if not occurrence.title:
        for name, value in line_content(broadcast).items():
            setattr(occurrence, name, value)
    if broadcast.status == Status.SCHEDULED:
        broadcast.status = Status.SENDING
    more = _send_some(broadcast, occurrence)
    occurrence.attempts = 0
    if not more and occurrence.status == Status.SENDING:
        occurrence.status, occurrence.finished_at = Status.SENT, timezone.now()
    occurrence.save()
    if not more:
        settle(broadcast)
    if reporting or not more:
        save_and_tell(broadcast)
    return pause_s(broadcast, timezone.now()) if more else None


def _send_some(broadcast: Broadcast, occurrence: Occurrence) -> bool:
    """Whether there is more to do."""
    audience = broadcast.audience()
    found = people(audience)
    if found is None:
        _fail(occurrence, _AUDIENCE_GONE)
        return False
    if broadcast.time_zone == OWN_ZONE:
        return _send_to_share(broadcast, occurrence, found)
    stream = stream_of(audience)
    # One line for all of them reaches all of them at once: a pace needs a line for each.
    if stream is None or (broadcast.people_per_s and not _is_shared(occurrence)):
        return _send_to_people(broadcast, occurrence, found)
    if not occurrence.done:
        _send_to_stream(broadcast, occurrence, stream)
    return _tell_outside(broadcast, occurrence, found)


def _is_shared(occurrence: Occurrence) -> bool:
    return AudienceNotification.objects.filter(occurrence=occurrence).exists()


def _send_to_people(broadcast: Broadcast, occurrence: Occurrence, found: QuerySet[Any, int]) -> bool:
    if occurrence.cursor == 0:
        occurrence.total = found.count()
    chunk, more = _next(broadcast, occurrence, found)
    if chunk:
        _place(broadcast, occurrence, chunk)
    return more


def _send_to_share(broadcast: Broadcast, occurrence: Occurrence, found: QuerySet[Any, int]) -> bool:
    """To those of one share who are still among the people."""
    share = occurrence.shares.order_by("pk").first()
    if share is None:
        return False
    chunk = list(found.filter(pk__in=msgspec.json.decode(share.user_ids, type=list[int])))
    if chunk:
        _place(broadcast, occurrence, chunk)
    share.delete()
    return occurrence.shares.exists()


def _place(broadcast: Broadcast, occurrence: Occurrence, user_ids: list[int]) -> None:
    """Into the inboxes of those who want it there, and to the workers of the other channels."""
    now = timezone.now()
    unread = lock_inboxes(user_ids)
    decided = decide_people(broadcast, occurrence, user_ids, broadcast.channels, now=now)
    lines = [
        Notification(
            recipient_id=user_id,
            **occurrence.content(),
            occurrence=occurrence,
            notice=occurrence.notice,
            expires_at=_expiry(broadcast, now),
        )
        for user_id in decided.told_in_app()
    ]
    add_lines(lines, unread)
    occurrence.done += len(user_ids)
    paced_on(broadcast, len(user_ids), now)


def _send_to_stream(broadcast: Broadcast, occurrence: Occurrence, stream: str) -> None:
    """One row and one event, however many people read the stream."""
    now = timezone.now()
    counted_at = occurrence.counted_at
    if counted_at is None or now - counted_at > timedelta(seconds=numbers().count_holds_s):
        occurrence.total, occurrence.counted_at = count(broadcast.audience()) or 0, now
    row = AudienceNotification.objects.create(
        stream=stream,
        occurrence=occurrence,
        notice=notice_of(broadcast, occurrence, now=now) if _outside(broadcast) else None,
        expires_at=_expiry(broadcast, now),
        **occurrence.content(),
    )
    publish(row.stream, NotificationCreated(audience_item(row), None, None))
    occurrence.done = occurrence.total


def _tell_outside(broadcast: Broadcast, occurrence: Occurrence, found: QuerySet[Any, int]) -> bool:
    """Of those whose inbox has it, a chunk gets it over the other channels too."""
    channels = _outside(broadcast)
    if not channels:
        return False
    chunk, more = _next(broadcast, occurrence, found)
    if chunk:
        now = timezone.now()
        decide_people(broadcast, occurrence, chunk, channels, now=now)
        paced_on(broadcast, len(chunk), now)
    return more


def _next(broadcast: Broadcast, occurrence: Occurrence, found: QuerySet[Any, int]) -> tuple[list[int], bool]:
    """The people after the cursor, which moves behind them, and whether there may be others."""
    limit = chunk_size(broadcast, numbers().chunk_recipients)
    chunk = list(found.filter(pk__gt=occurrence.cursor)[:limit])
    if chunk:
        occurrence.cursor = chunk[-1]
    return chunk, len(chunk) == limit


def _outside(broadcast: Broadcast) -> list[str]:
    return [name for name in broadcast.channels if name != IN_APP]


def _expiry(broadcast: Broadcast, now: datetime) -> datetime | None:
    return broadcast.expires_after and now + broadcast.expires_after


def _spread(broadcast: Broadcast, occurrence: Occurrence) -> None:
    """One occurrence for each offset takes the place of this one; the next tick finds those that are due."""
    found = people(broadcast.audience())
    if found is None:
        _fail(occurrence, _AUDIENCE_GONE)
    elif spread(broadcast, occurrence, found.iterator()):
        occurrence.delete()
        transaction.on_commit(nudge, robust=True)
    else:
        occurrence.status, occurrence.total, occurrence.finished_at = Status.SENT, 0, timezone.now()
        occurrence.save()
    settle(broadcast)
    save_and_tell(broadcast)


def _fail(occurrence: Occurrence, reason: str) -> None:
    logger.error("Occurrence %s failed: %s", occurrence.pk, reason)
    occurrence.status, occurrence.error, occurrence.finished_at = Status.FAILED, reason, timezone.now()
    occurrence.save()


def _locked(occurrence_id: int, among: QuerySet[Occurrence]) -> tuple[Broadcast | None, Occurrence | None]:
    """The broadcast first, as everybody locks them."""
    broadcasts = Broadcast.objects.select_for_update(of=("self",))
    broadcast = broadcasts.filter(occurrences=occurrence_id).first()
    return broadcast, among.select_for_update(of=("self",)).filter(pk=occurrence_id).first()
