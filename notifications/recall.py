"""Taking a notice or a broadcast back, everywhere: from live screens, inboxes, and what has not been given out yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from notifications.conf import numbers
from notifications.deliveries.cancel import cancel_recalled
from notifications.errors import NoticeNotFound
from notifications.events import NotificationsRemoved
from notifications.inbox import audience_id
from notifications.models import (
    AudienceNotification,
    AudienceState,
    Broadcast,
    Notice,
    Notification,
    Part,
    Recallable,
)
from notifications.notify import word_lines
from notifications.nudge import nudge
from notifications.placing import announce_lines, lock_inboxes, remove_lines
from notifications.types import known_type
from realtime import publish


@dataclass(frozen=True, slots=True)
class Recalled:
    """Of those who had it, how many had it on a screen; `left` says that a worker still takes it from others."""

    seen: int
    left: bool


def recall(notice_id: int) -> Recalled:
    """Takes a notice back; again is safe, and tells how far it is. Raises NoticeNotFound."""
    with transaction.atomic():
        notice = Notice.objects.select_for_update(of=("self",)).filter(pk=notice_id).first()
        if notice is None:
            raise NoticeNotFound
        if notice.recalled_at is None:
            notice.batches.all().delete()
            begin_recall(notice)
            notice.save()
    left = recall_chunk(Notice, notice_id)
    if left:
        nudge()
    notice.refresh_from_db()
    return Recalled(notice.seen_before_recall, left)


def recall_keys(type: str, keys: Collection[str]) -> None:
    """Takes back what `notify` told of this type under these keys; those that it was not told are left out."""
    for notice_id in list(Notice.objects.filter(type=type, key__in=keys).values_list("pk", flat=True)):
        recall(notice_id)


def begin_recall(one: Notice | Broadcast) -> None:
    """Ends it for its audience, and leaves people's own lines to `recall_chunk`.

    The caller holds its lock, and saves it.
    """
    one.recalled_at, one.recalling = timezone.now(), True
    if isinstance(one, Broadcast):
        _notices(one).update(recalled_at=one.recalled_at)
    rows = AudienceNotification.objects.filter(**_of(one)).order_by("pk")
    one.seen_before_recall += AudienceState.objects.filter(
        notification__in=rows, seen_at__isnull=False
    ).count()
    streams: dict[str, list[str]] = {}
    for pk, stream in rows.values_list("pk", "stream"):
        streams.setdefault(stream, []).append(audience_id(pk))
    for stream, items in streams.items():
        publish(stream, NotificationsRemoved(items, "recalled", None, None))
    rows.delete()


@transaction.atomic
def recall_chunk(model: type[Recallable], pk: int) -> bool:
    """Takes it from some of those who have a line of it; whether others have one still."""
    one = model._default_manager.select_for_update(of=("self",)).get(pk=pk)
    size = numbers().upkeep_chunk
    chunk = list(_lines(one).order_by("recipient_id", "pk").values_list("pk", "recipient_id")[:size])
    unread = lock_inboxes({recipient for _, recipient in chunk})
    lines = list(Notification.objects.filter(pk__in=[pk for pk, _ in chunk]))
    unsent = cancel_recalled(_notices(one), size)
    one.recalling = unsent or len(chunk) == size
    one.seen_before_recall += sum(line.seen_at is not None for line in lines)
    one.save(update_fields=["recalling", "seen_before_recall"])
    if isinstance(one, Notice):
        Part.objects.filter(notice=one, notification__in=lines).delete()
    parts = Part.objects.filter(notification__in=lines)
    newest = dict(parts.values_list("notification").annotate(Max("notice")))
    said = _say_the_rest([line for line in lines if line.pk in newest], newest, unread)
    remove_lines([line for line in lines if line.pk not in said], unread, reason="recalled")
    return one.recalling


def _notices(one: Recallable) -> QuerySet[Notice]:
    """Itself, or those that carry a broadcast outside the app."""
    if isinstance(one, Broadcast):
        return Notice.objects.filter(occurrence__broadcast=one)
    return Notice.objects.filter(pk=one.pk)


def _lines(one: Recallable) -> QuerySet[Notification]:
    lines = Notification.objects.filter(**_of(one))
    if isinstance(one, Notice):
        # Of a group, those that it is in; the newest one is not the only one.
        grouped = Notification.objects.filter(parts__notice=one)
        lines = (lines.filter(parts=None) | grouped).distinct()
    return lines


def _say_the_rest(lines: list[Notification], newest: dict[int, int], unread: dict[int, int]) -> set[int]:
    """Lines that stand for other notices too go back to what the newest of those says; which of them did.

    Not those of people who may no longer know it: it may say something else than when they were told.
    """
    said: set[int] = set()
    for notice in Notice.objects.filter(pk__in=set(newest.values())):
        declared = known_type(notice.type)
        data = declared.loaded(notice.data)
        its = [line for line in lines if newest[line.pk] == notice.pk]
        to = declared.may_know(data, [line.recipient_id for line in its])
        mine = [line for line in its if line.recipient_id in to]
        word_lines(mine, declared, notice, data)
        announce_lines([line for line in mine if line.in_inbox], unread)
        said |= {line.pk for line in mine}
    return said


def _of(one: Recallable) -> dict[str, Recallable]:
    return {"notice" if isinstance(one, Notice) else "occurrence__broadcast": one}
