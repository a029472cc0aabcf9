"""What falls due in inboxes: batches of notices, recalls, reminders, snoozed lines that come back, lines that expire or
are old.

Each function does one bounded chunk in one transaction, and says whether more may be left; any number of workers may
do so at once, and what one that dies had begun is done by the next.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from notifications.broadcasts.schedule import Repeats
from notifications.channels.devices import devices_purge
from notifications.channels.webhook import webhooks_reseal
from notifications.conf import numbers
from notifications.errors import UnknownNotificationType
from notifications.events import NotificationsRemoved
from notifications.feeds.calling import trim_calls
from notifications.inbox import audience_id
from notifications.models import (
    UNSENT,
    AudienceNotification,
    AudienceState,
    Batch,
    Broadcast,
    Delivery,
    Digest,
    DigestState,
    Notice,
    Notification,
    Occurrence,
    Recallable,
)
from notifications.notify import place_notice, tell_outside
from notifications.placing import add_lines, announce_lines, count_unread, lock_inboxes, remove_lines
from notifications.recall import recall_chunk
from notifications.reminders.firing import due_reminders, fire_reminder
from notifications.stop import sending_stopped
from notifications.types import known_type
from realtime import publish

logger = logging.getLogger(__name__)

# What other apps have the tick do: whether anything is due, and a chunk of it.
_others: list[tuple[Callable[[], bool], Callable[[], bool]]] = []


def register_upkeep(due: Callable[[], bool], chunk: Callable[[], bool]) -> None:
    """Has every tick ask `due`, a look-up in a small index, and a worker then do `chunk` as often as it says True."""
    _others.append((due, chunk))


def anything_due() -> bool:
    """Whether `keep_up` has something to do. A few look-ups in small indexes."""
    now = timezone.now()
    return (
        Batch.objects.exists()
        or Notice.objects.filter(recalling=True).exists()
        or Broadcast.objects.filter(recalling=True).exists()
        or due_reminders().exists()
        or Notification.objects.filter(snoozed_until__lte=now).exists()
        or AudienceState.objects.filter(snoozed_until__lte=now).exists()
        or Notification.objects.filter(expires_at__lte=now).exists()
        or AudienceNotification.objects.filter(expires_at__lte=now).exists()
        or any(due() for due, _ in _others)
    )


def keep_up() -> None:
    """Does what is due, of each kind a bounded number of chunks."""
    own = (place_batch, recall_some, fire_reminder, wake_own, wake_shared, expire_own, expire_shared)
    for chunk in (*(chunk for _, chunk in _others), *own):
        _repeat(chunk)


def retain() -> None:
    """Deletes what is older than it is kept."""
    _repeat(trim_lines)
    trim_calls()
    _repeat(trim_deliveries)
    before = timezone.now() - timedelta(days=numbers().keep_unread_days)
    AudienceNotification.objects.filter(created_at__lt=before).delete()
    Notice.objects.filter(created_at__lt=before, batches=None).delete()
    # Of series alone: what happened once is part of its broadcast.
    Occurrence.objects.filter(finished_at__lt=before).exclude(broadcast__repeats=Repeats.ONCE).delete()
    over = Digest.objects.exclude(state=DigestState.WAITING)
    over.filter(window_ends_at__lt=timezone.now() - timedelta(days=numbers().keep_delivery_days)).delete()
    devices_purge()
    webhooks_reseal()


def _repeat(chunk: Callable[[], bool]) -> None:
    for _ in range(numbers().upkeep_chunks):
        if not chunk():
            return


@transaction.atomic
def place_batch() -> bool:
    """Gives one batch of a notice to its people. None while all sending is stopped."""
    if sending_stopped():
        return False
    batches = Batch.objects.select_for_update(skip_locked=True, of=("self",)).select_related("notice")
    batch = batches.order_by("pk").first()
    if batch is None:
        return False
    batch.delete()
    if _wanted(batch.notice):
        user_ids = msgspec.json.decode(batch.user_ids, type=list[int])
        shared = AudienceNotification.objects.filter(notice=batch.notice).exists()
        place = tell_outside if shared else place_notice
        place(batch.notice, known_type(batch.notice.type), user_ids)
    return True


def recall_some() -> bool:
    """Goes on with one recall."""
    models: tuple[type[Recallable], ...] = (Notice, Broadcast)
    for model in models:
        found = model._default_manager.filter(recalling=True).values_list("pk", flat=True).first()
        if found is not None:
            recall_chunk(model, found)
            return True
    return False


@transaction.atomic
def wake_own() -> bool:
    """Snoozed lines come back, to the top."""
    now = timezone.now()
    lines, unread, more = _chunk(
        Notification.objects.filter(snoozed_until__lte=now).order_by("snoozed_until")
    )
    for line in lines:
        line.snoozed_until, line.created_at, line.seen_at = None, now, None
    Notification.objects.bulk_update(lines, ["snoozed_until", "created_at", "seen_at"])
    count_unread(unread, Counter(line.recipient_id for line in lines if line.counts))
    announce_lines(lines, unread)
    return more


@transaction.atomic
def wake_shared() -> bool:
    """A shared line keeps its place for everybody else; for who had snoozed it, it comes back as one of their own."""
    now = timezone.now()
    due = AudienceState.objects.filter(snoozed_until__lte=now).order_by("snoozed_until")
    chunk = list(due.values_list("pk", "user_id")[: numbers().upkeep_chunk])
    unread = lock_inboxes({user_id for _, user_id in chunk})
    states = list(due.filter(pk__in=[pk for pk, _ in chunk]).select_related("notification"))
    AudienceState.objects.filter(pk__in=[state.pk for state in states]).update(
        archived_at=now, snoozed_until=None
    )
    add_lines([_own_line(state, now) for state in states], unread)
    return len(chunk) == numbers().upkeep_chunk


@transaction.atomic
def expire_own() -> bool:
    """Lines whose time is over are gone."""
    expired = Notification.objects.filter(expires_at__lte=timezone.now()).order_by("expires_at")
    lines, unread, more = _chunk(expired)
    remove_lines(lines, unread, reason="expired")
    return more


@transaction.atomic
def expire_shared() -> bool:
    """One audience row whose time is over is gone from every inbox."""
    expired = AudienceNotification.objects.filter(expires_at__lte=timezone.now()).order_by("expires_at")
    row = expired.select_for_update(skip_locked=True).first()
    if row is None:
        return False
    publish(row.stream, NotificationsRemoved([audience_id(row.pk)], "expired", None, None))
    row.delete()
    return True


@transaction.atomic
def trim_lines() -> bool:
    """Old lines go: read or archived ones sooner than others."""
    now, limits = timezone.now(), numbers()
    done = Q(read_at__isnull=False) | Q(archived_at__isnull=False)
    old = Q(done, created_at__lt=now - timedelta(days=limits.keep_days))
    old |= Q(created_at__lt=now - timedelta(days=limits.keep_unread_days))
    lines, unread, more = _chunk(Notification.objects.filter(old).order_by("created_at"))
    remove_lines(lines, unread, reason="trimmed")
    return more


def trim_deliveries() -> bool:
    """Old decisions go, the oldest first. One that still waits, however old, stays."""
    before = timezone.now() - timedelta(days=numbers().keep_delivery_days)
    done = Delivery.objects.exclude(state__in=UNSENT)
    oldest = done.order_by("pk").values_list("pk", "decided_at")[: numbers().upkeep_chunk]
    old = [pk for pk, decided_at in oldest if decided_at < before]
    done.filter(pk__in=old).delete()
    return len(old) == numbers().upkeep_chunk


def _chunk(due: QuerySet[Notification]) -> tuple[list[Notification], dict[int, int], bool]:
    """The next lines, with their inboxes locked, and whether there may be more.

    Read again behind the locks: their owner may have been quicker.
    """
    chunk = list(due.values_list("pk", "recipient_id")[: numbers().upkeep_chunk])
    unread = lock_inboxes({user_id for _, user_id in chunk})
    return list(due.filter(pk__in=[pk for pk, _ in chunk])), unread, len(chunk) == numbers().upkeep_chunk


def _own_line(state: AudienceState, now: datetime) -> Notification:
    row = state.notification
    return Notification(
        recipient_id=state.user_id,
        **row.content(),
        occurrence_id=row.occurrence_id,
        notice_id=row.notice_id,
        created_at=now,
        expires_at=row.expires_at,
        read_at=state.read_at,
    )


def _wanted(notice: Notice) -> bool:
    """Whether there is still somebody to be told, and something to tell."""
    if notice.recalled_at is not None or (notice.expires_at and notice.expires_at <= timezone.now()):
        return False
    try:
        known_type(notice.type)
    except UnknownNotificationType:
        logger.exception("Notice %s is of a type that no installed app declares: left out.", notice.pk)
        return False
    return True
