"""What changes an inbox: new rows, read marks. Each writes its rows and their events in one transaction.

Broadcasts have their own module, `broadcasts`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from notifications.conf import numbers
from notifications.errors import BadItem
from notifications.events import NotificationCreated, NotificationsRead, NotificationsReadAll
from notifications.inbox import audience_id, own_id, split_ids
from notifications.models import AudienceRead, Broadcast, InboxState, Level, Notification
from notifications.selectors import Reader, audience_rows, own_item, unread_audience_rows
from realtime import Struct, once, publish, publish_many


class ReadResult(Struct, frozen=True):
    """The items that this call marked; one that was read before, or is nobody's, is left out."""

    items: list[str]


class ReadAllResult(Struct, frozen=True):
    up_to: datetime


def notification_create(
    recipient_ids: Collection[int],
    *,
    title: str,
    text: str = "",
    level: str = Level.INFO,
    link: str = "",
    broadcast: Broadcast | None = None,
) -> list[Notification]:
    """One inbox row and one event for each recipient: two INSERTs, whatever their number."""
    now = timezone.now()
    with transaction.atomic():
        rows = Notification.objects.bulk_create(
            Notification(
                recipient_id=recipient_id,
                title=title,
                text=text,
                level=level,
                link=link,
                broadcast=broadcast,
                created_at=now,
            )
            for recipient_id in recipient_ids
        )
        publish_many((user_stream(row.recipient_id), NotificationCreated(item=own_item(row))) for row in rows)
    return rows


def notification_read(user: Any, items: Sequence[str], *, client_id: str) -> ReadResult:
    """Mark items as read on all of the user's devices. Raises BadItem, and what `once` raises."""
    limit = numbers().max_read_items
    if len(items) > limit:
        raise BadItem(f"At most {limit} items in one call; there were {len(items)}. Use read_all for all.")
    own, shared = split_ids(items)
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="notifications.read",
        result=ReadResult,
        run=lambda: _mark_read(user, own, shared),
    )


def notification_read_all(user: Any, *, client_id: str) -> ReadAllResult:
    """Mark everything that is in the inbox now as read. Raises what `once` raises."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="notifications.read_all",
        result=ReadAllResult,
        run=lambda: _mark_all_read(user),
    )


def user_stream(user_id: int) -> str:
    return f"user:{user_id}"


def _mark_read(user: Any, own: set[int], shared: set[int]) -> ReadResult:
    marked = [*map(own_id, _mark_own(user, own)), *map(audience_id, _mark_shared(user, shared))]
    if marked:
        publish(user_stream(user.pk), NotificationsRead(items=marked))
    return ReadResult(items=marked)


def _mark_own(user: Any, row_ids: Collection[int]) -> list[int]:
    unread = Notification.objects.filter(recipient=user, read_at=None, pk__in=row_ids)
    # Locked, so that of two devices that read the same row one says so.
    found = sorted(unread.select_for_update().values_list("pk", flat=True)) if row_ids else []
    Notification.objects.filter(pk__in=found).update(read_at=timezone.now())
    return found


def _mark_shared(user: Any, row_ids: Collection[int]) -> list[int]:
    if not row_ids:
        return []
    unread = unread_audience_rows(Reader.of(user)).filter(pk__in=row_ids)
    found = sorted(unread.values_list("pk", flat=True))
    AudienceRead.objects.bulk_create(
        (AudienceRead(user=user, notification_id=number) for number in found), ignore_conflicts=True
    )
    return found


def _mark_all_read(user: Any) -> ReadAllResult:
    reader = Reader.of(user)
    up_to = _newest(
        Notification.objects.filter(recipient=user)
        .order_by("-created_at")
        .values_list("created_at", flat=True)[:1],
        audience_rows(reader).order_by("-created_at").values_list("created_at", flat=True)[:1],
        [reader.read_up_to] if reader.read_up_to else [],
    )
    Notification.objects.filter(recipient=user, read_at=None, created_at__lte=up_to).update(
        read_at=timezone.now()
    )
    InboxState.objects.update_or_create(user=user, defaults={"read_all_up_to": up_to})
    publish(user_stream(user.pk), NotificationsReadAll(up_to=up_to))
    return ReadAllResult(up_to=up_to)


def _newest(*moments: Iterable[datetime]) -> datetime:
    """The newest row's moment, not the clock's: a row that another process is just writing stays unread."""
    return max((moment for some in moments for moment in some), default=timezone.now())
