"""The life of a broadcast: created once per form, due in its table, claimed by one sender, sent in chunks.

    scheduled --claim--> sending --last chunk--> sent
        |                   |  ^
     cancelled              |  `-- lease ran out: claimed again, goes on from the cursor
                            `----> failed

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

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from notifications.audiences import audience_kind
from notifications.conf import Numbers, numbers
from notifications.errors import AlreadySent, BroadcastInvalid, BroadcastNotFound, EmptyAudience
from notifications.events import BroadcastProgress, NotificationCreated
from notifications.models import AudienceChoice, AudienceNotification, Broadcast, Status
from notifications.nudge import nudge
from notifications.selectors import audience_item
from notifications.services import notification_create
from realtime import failpoint, publish

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom a broadcast reaches: `key` is the group's or room's id, `user_ids` those of named people."""

    kind: str
    key: int | None = None
    user_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBroadcast:
    """What an administrator submits. `due_at` None means now."""

    form_key: uuid.UUID
    title: str
    text: str
    level: str
    link: str
    audience: Audience
    due_at: datetime | None = None
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send a broadcast, until its lease runs out."""

    broadcast_id: int
    key: uuid.UUID


def audience_size(audience: Audience) -> int | None:
    """How many active people the audience has now; None when there is no such audience. One query."""
    if audience.kind == AudienceChoice.USERS:
        return get_user_model().objects.filter(pk__in=audience.user_ids, is_active=True).count()
    kind = audience_kind(audience.kind)
    return None if kind is None else kind.count(audience.key)


@transaction.atomic
def broadcast_create(new: NewBroadcast, *, created_by: Any) -> Broadcast:
    """Store the broadcast, once per `form_key`: a repetition returns the first one, unchanged.

    Raises EmptyAudience and BroadcastInvalid. Whoever calls has checked `policies.may_send`.
    """
    found = Broadcast.objects.filter(form_key=new.form_key).first()
    if found is not None:
        return found
    total = audience_size(new.audience)
    if not total:
        raise EmptyAudience
    broadcast = _built(new, total=total, created_by=created_by)
    try:
        with transaction.atomic():
            broadcast.save()
    except IntegrityError:
        return Broadcast.objects.get(form_key=new.form_key)
    broadcast.users.set(new.audience.user_ids)
    publish(broadcast.progress_stream, progress(broadcast))
    if new.due_at is None:
        transaction.on_commit(nudge, robust=True)
    return broadcast


@transaction.atomic
def broadcast_cancel(broadcast_id: int) -> Broadcast:
    """Call a scheduled broadcast off; again is safe. Raises BroadcastNotFound, AlreadySent."""
    broadcast = Broadcast.objects.select_for_update().filter(pk=broadcast_id).first()
    if broadcast is None:
        raise BroadcastNotFound
    if broadcast.status == Status.CANCELLED:
        return broadcast
    if broadcast.status not in {Status.SCHEDULED, Status.DRAFT}:
        raise AlreadySent
    broadcast.status = Status.CANCELLED
    broadcast.finished_at = timezone.now()
    broadcast.save(update_fields=["status", "finished_at"])
    publish(broadcast.progress_stream, progress(broadcast))
    return broadcast


def broadcast_claim_due(*, now: datetime | None = None) -> list[Claim]:
    """Claim what is due, and what a dead sender left behind; each by exactly one of any number of callers."""
    now = now or timezone.now()
    limits = numbers()
    due = _claimable(now).order_by("due_at", "id").values_list("pk", "attempts")[: limits.claim_batch]
    claims = []
    for broadcast_id, attempts in due:
        if attempts >= limits.max_attempts:
            _give_up(broadcast_id, now)
        elif claim := _claim(broadcast_id, now, limits):
            claims.append(claim)
    return claims


def broadcast_send(claim: Claim) -> None:
    """Send from where the cursor stands to the end, or until the claim is another's."""
    reported_at_s: float | None = None
    interval_s = numbers().progress_interval_s
    while True:
        failpoint("broadcast_chunk")
        report = reported_at_s is None or time.monotonic() - reported_at_s >= interval_s
        if not _send_chunk(claim, reporting=report):
            return
        if report:
            reported_at_s = time.monotonic()


def progress(broadcast: Broadcast) -> BroadcastProgress:
    return BroadcastProgress(
        id=broadcast.pk,
        status=broadcast.status,
        total=broadcast.total,
        done=broadcast.done,
        error=broadcast.error,
    )


# ---- creating


def _built(new: NewBroadcast, *, total: int, created_by: Any) -> Broadcast:
    audience = new.audience
    broadcast = Broadcast(
        form_key=new.form_key,
        title=new.title,
        text=new.text,
        level=new.level,
        link=new.link,
        audience_kind=audience.kind,
        due_at=new.due_at or timezone.now(),
        time_zone=new.time_zone,
        total=total,
        created_by=created_by,
    )
    if audience.kind == AudienceChoice.GROUP:
        broadcast.group_id = audience.key
    elif audience.kind == AudienceChoice.ROOM:
        broadcast.room_id = audience.key
        kind = audience_kind(audience.kind)
        broadcast.room_name = kind.name(audience.key)[:200] if kind else ""
    try:
        broadcast.clean_fields(exclude=["created_by", "group"])
    except ValidationError as error:
        raise BroadcastInvalid(" ".join(error.messages), fields=sorted(error.message_dict)) from error
    return broadcast


# ---- claiming


def _claimable(now: datetime) -> Any:
    due = Q(status=Status.SCHEDULED, due_at__lte=now)
    left_behind = Q(status=Status.SENDING, claimed_until__lt=now)
    return Broadcast.objects.filter(due | left_behind)


def _claim(broadcast_id: int, now: datetime, limits: Numbers) -> Claim | None:
    """A conditional update: on every database one of many callers changes the row, the others change none."""
    key = uuid.uuid4()
    claimed = (
        _claimable(now)
        .filter(pk=broadcast_id)
        .update(
            status=Status.SENDING,
            claim=key,
            claimed_until=now + timedelta(seconds=limits.lease_s),
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            started_at=Coalesce(F("started_at"), now),
        )
    )
    return Claim(broadcast_id, key) if claimed else None


@transaction.atomic
def _give_up(broadcast_id: int, now: datetime) -> None:
    broadcast = _claimable(now).select_for_update().filter(pk=broadcast_id).first()
    if broadcast is not None:
        _fail(broadcast, "Sending stopped several times without getting on; see the worker's log.")


# ---- sending


@transaction.atomic
def _send_chunk(claim: Claim, *, reporting: bool) -> bool:
    """The next chunk, in one transaction; False when there is nothing left to do under this claim."""
    broadcast = Broadcast.objects.select_for_update(of=("self",)).filter(pk=claim.broadcast_id).first()
    if broadcast is None or broadcast.status != Status.SENDING or broadcast.claim != claim.key:
        logger.info("Broadcast %s is another sender's now.", claim.broadcast_id)
        return False
    named = broadcast.audience_kind == AudienceChoice.USERS
    more = _send_to_people(broadcast) if named else _send_to_stream(broadcast)
    now = timezone.now()
    broadcast.attempts = 0
    broadcast.claimed_until = now + timedelta(seconds=numbers().lease_s)
    if not more and broadcast.status == Status.SENDING:
        broadcast.status = Status.SENT
        broadcast.finished_at = now
    broadcast.save()
    if reporting or not more:
        publish(broadcast.progress_stream, progress(broadcast))
    return more


def _send_to_people(broadcast: Broadcast) -> bool:
    limit = numbers().chunk_recipients
    people = broadcast.users.filter(is_active=True).order_by("pk").values_list("pk", flat=True)
    if broadcast.cursor == 0:
        broadcast.total = people.count()
    chunk = list(people.filter(pk__gt=broadcast.cursor)[:limit])
    if chunk:
        notification_create(chunk, **broadcast.content(), broadcast=broadcast)
        broadcast.cursor = chunk[-1]
        broadcast.done += len(chunk)
    return len(chunk) == limit


def _send_to_stream(broadcast: Broadcast) -> bool:
    """One row and one event, however many people read the stream."""
    kind = audience_kind(broadcast.audience_kind)
    people = None if kind is None else kind.count(broadcast.audience_key)
    if kind is None or people is None:
        _fail(broadcast, "The audience does not exist any more.")
        return False
    row = AudienceNotification.objects.create(
        stream=kind.stream(broadcast.audience_key), broadcast=broadcast, **broadcast.content()
    )
    publish(row.stream, NotificationCreated(item=audience_item(row, read=False)))
    broadcast.total = broadcast.done = people
    return False


def _fail(broadcast: Broadcast, reason: str) -> None:
    logger.error("Broadcast %s failed: %s", broadcast.pk, reason)
    broadcast.status = Status.FAILED
    broadcast.error = reason
    broadcast.finished_at = timezone.now()
    broadcast.save()
    publish(broadcast.progress_stream, progress(broadcast))
