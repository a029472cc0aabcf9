"""What notifications announce: to one person on `user:<id>`, to an audience on its stream, to staff how a
broadcast gets on, on `broadcast:<id>`.
"""

from datetime import datetime

from notifications.inbox import InboxItem, Unread
from notifications.preferences.payloads import Preferences
from notifications.reminders.item import ReminderItem
from realtime import Struct, event


@event("notifications.created")
class NotificationCreated(Struct, frozen=True):
    """A line in the inbox of whoever reads the stream: a new one, or one that says something new and has moved up.

    The numbers are those of the person's unread lines now: null on the stream of an audience, and where this changed
    nothing in them.
    """

    item: InboxItem
    own_unread: int | None
    shared_unread: int | None


@event("notifications.read")
class NotificationsRead(Struct, frozen=True):
    """The user read these items, on one of their devices."""

    items: list[str]
    unread: Unread


@event("notifications.read_all")
class NotificationsReadAll(Struct, frozen=True):
    """Every item with created_at up to this moment is read."""

    up_to: datetime
    unread: Unread


@event("notifications.marked")
class NotificationsMarked(Struct, frozen=True):
    """The user saw these items, followed their links, or marked them as unread: `mark` is seen, clicked or unread."""

    items: list[str]
    mark: str
    unread: Unread


@event("notifications.removed")
class NotificationsRemoved(Struct, frozen=True):
    """These items have left the inbox: `reason` is archived, snoozed, expired, recalled or trimmed.

    The numbers are those of the person's unread lines now: null on the stream of an audience, and where this changed
    nothing in them.
    """

    items: list[str]
    reason: str
    own_unread: int | None
    shared_unread: int | None


@event("notifications.preferences_changed")
class PreferencesChanged(Struct, frozen=True):
    """All that the user has chosen now. Of two, that with the higher version counts."""

    preferences: Preferences


@event("notifications.reminder_set")
class ReminderSet(Struct, frozen=True):
    """The user wants to be reminded of something."""

    reminder: ReminderItem


@event("notifications.reminder_ended")
class ReminderEnded(Struct, frozen=True):
    """A reminder is no longer to come: `reason` is fired or cancelled."""

    reminder: int
    reason: str


class ChannelFigures(Struct, frozen=True):
    """Of one channel. `seen`, `read` and `clicked` are null outside the app, where nobody tells.

    `sent` are in inboxes, or with the other side. `delivered` are those of them that a page or app of the person has
    confirmed, in the app; that the mail server, push service or webhook took, elsewhere.
    `queued` get it later; `suppressed` do not get it over this channel; `why` says how many wait, failed or do not
    get it for which reason.
    """

    name: str
    label: str
    queued: int
    sent: int
    failed: int
    suppressed: int
    why: dict[str, int]
    seen: int | None = None
    read: int | None = None
    clicked: int | None = None
    delivered: int = 0


@event("notifications.broadcast_figures")
class BroadcastFigures(Struct, frozen=True):
    """Transient. How a broadcast fares on each of its channels, told while somebody watches it."""

    id: int
    channels: list[ChannelFigures]


@event("notifications.broadcast_progress")
class BroadcastProgress(Struct, frozen=True):
    """How far a broadcast has come; the last one has a final status."""

    id: int
    status: str
    total: int
    done: int
    error: str = ""
