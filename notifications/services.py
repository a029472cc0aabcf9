"""What a person does with their inbox: on one device, seen on all. Rows, numbers and events in one transaction.

`notify` puts lines into inboxes, `broadcasts` too; `upkeep` brings snoozed ones back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models.functions import Coalesce
from django.utils import timezone

from notifications.conf import numbers
from notifications.deliveries.cancel import cancel_all_seen, cancel_seen
from notifications.errors import BadItem, BadSnooze
from notifications.events import (
    NotificationCreated,
    NotificationsMarked,
    NotificationsRead,
    NotificationsReadAll,
    NotificationsRemoved,
)
from notifications.inbox import InboxItem, Unread, split_ids
from notifications.models import AudienceNotification, AudienceState, Handled, InboxState, Mark, Notification
from notifications.placing import count_unread, lock_inboxes, user_stream
from notifications.selectors import Reader, audience_item, audience_rows, own_item, states_of, unread
from realtime import Struct, once, publish, publish_many


class MarkResult(Struct, frozen=True):
    """The items that this call changed; one that was so before, or is nobody's, is left out."""

    items: list[str]
    unread: Unread


class ReadAllResult(Struct, frozen=True):
    up_to: datetime
    unread: Unread


def notification_mark(user: Any, items: Sequence[str], mark: Mark, *, client_id: str) -> MarkResult:
    """Marks items on all of the user's devices. Raises BadItem, and what `once` raises."""
    return _once(user, items, f"notifications.mark {mark}", client_id, _Change(mark))


def notification_snooze(user: Any, items: Sequence[str], until: datetime, *, client_id: str) -> MarkResult:
    """Takes items out of the inbox until then. Raises BadSnooze, BadItem, and what `once` raises."""
    now = timezone.now()
    if until.tzinfo is None or not now < until <= now + timedelta(days=numbers().max_snooze_days):
        raise BadSnooze
    return _once(user, items, "notifications.snooze", client_id, _Change("snoozed", until))


def notification_read_all(user: Any, *, client_id: str) -> ReadAllResult:
    """Marks everything that is in the inbox now as read. Raises what `once` raises."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="notifications.read_all",
        result=ReadAllResult,
        run=lambda: _mark_all_read(user),
    )


def notification_read_groups(
    user: Any, *, types: Collection[str], group: str, unless: Callable[[], bool]
) -> None:
    """Marks a person's lines of a group as read, in the caller's transaction: what they tell of was read elsewhere.

    `unless` is asked while the inbox is locked, so that what is being told just now is seen: True leaves all as it is.
    """
    locked = lock_inboxes([user.pk])
    if unless():
        return
    unread_lines = Notification.objects.filter(recipient=user, type__in=types, group=group, read_at=None)
    ids = list(unread_lines.values_list("pk", flat=True))
    lines = _change_own(user, ids, locked, _Change(Mark.READ))
    cancel_seen(user, lines, [])
    if lines:
        _tell(user, [own_item(line) for line in lines], Mark.READ, unread(Reader.of(user)))


def _once(user: Any, items: Sequence[str], name: str, client_id: str, change: _Change) -> MarkResult:
    limit = numbers().max_read_items
    if len(items) > limit:
        raise BadItem(f"At most {limit} items in one call; there were {len(items)}. Use read_all for all.")
    own, shared = split_ids(items)
    return once(
        user_id=user.pk,
        client_id=client_id,
        name=name,
        result=MarkResult,
        run=lambda: _changed(user, own, shared, change),
    )


class _Change:
    """What is done with each line: a mark, or a snooze until some time."""

    def __init__(self, name: str, until: datetime | None = None) -> None:
        self.name = name
        self._until = until
        self._now = timezone.now()

    def of(self, line: Handled) -> bool:
        """Whether that changed the line."""
        return line.mark(self.name, self._now) if self._until is None else line.snooze(self._until)


def _changed(user: Any, own: Collection[int], shared: Collection[int], change: _Change) -> MarkResult:
    locked = lock_inboxes([user.pk])
    lines = _change_own(user, own, locked, change)
    reader = Reader.of(user)
    shared_lines = _change_shared(reader, shared, change)
    if change.name not in {Mark.UNREAD, Mark.RESTORED}:
        cancel_seen(user, lines, [row for row, _ in shared_lines])
    items = [own_item(line) for line in lines]
    items += [audience_item(row, state) for row, state in shared_lines]
    left = unread(reader)
    result = MarkResult([item.id for item in items], left)
    if items:
        _tell(user, items, change.name, left)
    return result


def _change_own(
    user: Any, ids: Collection[int], locked: dict[int, int], change: _Change
) -> list[Notification]:
    if not ids:
        return []
    counted, changed = 0, []
    for line in Notification.objects.filter(recipient=user, pk__in=ids).order_by("pk"):
        before = line.counts
        if change.of(line):
            counted += line.counts - before
            changed.append(line)
    Notification.objects.bulk_update(changed, Handled.HANDLED)
    count_unread(locked, {user.pk: counted})
    return changed


def _change_shared(
    reader: Reader, ids: Collection[int], change: _Change
) -> list[tuple[AudienceNotification, AudienceState]]:
    rows = {row.pk: row for row in audience_rows(reader).filter(pk__in=ids).order_by("pk")} if ids else {}
    if not rows:
        return []
    changed = [state for state in states_of(reader, rows.values()).values() if change.of(state)]
    # Nobody else makes them: the person's inbox is locked.
    known = [state for state in changed if state.pk is not None]
    AudienceState.objects.bulk_update(known, [*Handled.HANDLED, "unread_again"])
    AudienceState.objects.bulk_create(state for state in changed if state.pk is None)
    return [(rows[state.notification_id], state) for state in changed]


def _tell(user: Any, items: list[InboxItem], change: str, left: Unread) -> None:
    stream, ids = user_stream(user.pk), [item.id for item in items]
    match change:
        case Mark.READ:
            publish(stream, NotificationsRead(ids, left))
        case Mark.RESTORED:
            publish_many((stream, NotificationCreated(item, left.own, left.shared)) for item in items)
        case Mark.ARCHIVED | "snoozed":
            publish(stream, NotificationsRemoved(ids, change, left.own, left.shared))
        case _:
            publish(stream, NotificationsMarked(ids, change, left))


def _mark_all_read(user: Any) -> ReadAllResult:
    locked = lock_inboxes([user.pk])
    reader = Reader.of(user)
    now = timezone.now()
    mine = Notification.objects.filter(recipient=user)
    up_to = _newest(
        mine.order_by("-created_at").values_list("created_at", flat=True)[:1],
        audience_rows(reader).order_by("-created_at").values_list("created_at", flat=True)[:1],
        [reader.read_up_to] if reader.read_up_to else [],
    )
    waiting = mine.filter(read_at=None, created_at__lte=up_to)
    counted = waiting.filter(archived_at=None, snoozed_until=None).count()
    waiting.update(read_at=now, seen_at=Coalesce("seen_at", now))
    handled = AudienceState.objects.filter(user=user, read_at=None, notification__created_at__lte=up_to)
    handled.update(read_at=now, seen_at=Coalesce("seen_at", now), unread_again=False)
    count_unread(locked, {user.pk: -counted})
    InboxState.objects.filter(user=user).update(read_all_up_to=up_to)
    cancel_all_seen(user)
    left = unread(Reader.of(user))
    publish(user_stream(user.pk), NotificationsReadAll(up_to, left))
    return ReadAllResult(up_to, left)


def _newest(*moments: Iterable[datetime]) -> datetime:
    """The newest row's moment, not the clock's: a row that another process is just writing stays unread."""
    return max((moment for some in moments for moment in some), default=timezone.now())
