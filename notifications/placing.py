"""Lines on their way into and out of people's own inboxes: rows, unread numbers and events, in one transaction.

Everything here costs the same few statements whatever the number of lines. Who changes a person's own lines holds
the lock of their InboxState; locks are taken in the order of users.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from notifications.events import NotificationCreated, NotificationsRemoved
from notifications.inbox import own_id
from notifications.models import InboxState, Notification
from notifications.selectors import own_item
from realtime import publish_many, rows


def user_stream(user_id: int) -> str:
    return f"user:{user_id}"


def lock_inboxes(user_ids: Collection[int]) -> dict[int, int]:
    """Locks the inboxes of these users for the rest of the transaction; how many unread own lines each has.

    Rows are made before any lock is taken: else who made one late would lock it out of turn.
    """
    if not user_ids:
        return {}
    missing = set(user_ids) - _unread(user_ids, rows.Lock.NONE).keys()
    InboxState.objects.bulk_create(
        (InboxState(user_id=user_id) for user_id in sorted(missing)), ignore_conflicts=True
    )
    return _unread(user_ids, rows.Lock.WAIT)


def count_unread(unread: dict[int, int], changes: Mapping[int, int]) -> None:
    """Changes the numbers of locked inboxes, here and in the database, by what is given for each user."""
    changed = {user_id: unread[user_id] + change for user_id, change in changes.items() if change}
    rows.set_column(InboxState, "unread", changed)
    unread |= changed


def announce_lines(lines: Sequence[Notification], unread: Mapping[int, int]) -> None:
    """Tells each recipient of a line that is new, or has come again."""
    if lines:
        publish_many(
            (
                user_stream(line.recipient_id),
                NotificationCreated(own_item(line), unread[line.recipient_id], None),
            )
            for line in lines
        )


def add_lines(lines: Sequence[Notification], unread: dict[int, int]) -> list[Notification]:
    """Stores new lines of people whose inboxes are locked, and tells them."""
    stored = Notification.objects.bulk_create(lines)
    count_unread(unread, Counter(line.recipient_id for line in stored if line.counts))
    announce_lines(stored, unread)
    return stored


def remove_lines(lines: Collection[Notification], unread: dict[int, int], *, reason: str) -> None:
    """Deletes lines of people whose inboxes are locked, and tells them of those that were in the inbox."""
    Notification.objects.filter(pk__in=[line.pk for line in lines]).delete()
    count_unread(unread, _negative(Counter(line.recipient_id for line in lines if line.counts)))
    shown: dict[int, list[str]] = {}
    for line in lines:
        if line.in_inbox:
            shown.setdefault(line.recipient_id, []).append(own_id(line.pk))
    if shown:
        publish_many(
            (user_stream(user_id), NotificationsRemoved(items, reason, unread[user_id], None))
            for user_id, items in shown.items()
        )


def _unread(user_ids: Collection[int], lock: rows.Lock) -> dict[int, int]:
    among = [(user_id,) for user_id in user_ids]
    return dict(rows.select(InboxState, ("user_id", "unread"), ("user_id",), among, lock=lock))


def _negative(counts: Mapping[int, int]) -> dict[int, int]:
    return {user_id: -count for user_id, count in counts.items()}
