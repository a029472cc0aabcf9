"""What notifications announce: to one person on `user:<id>`, to an audience on its stream, to staff how a
broadcast gets on, on `broadcast:<id>`.
"""

from datetime import datetime

from notifications.inbox import InboxItem
from realtime import Struct, event


@event("notifications.created")
class NotificationCreated(Struct, frozen=True):
    """A new line in the inbox of whoever reads the stream."""

    item: InboxItem


@event("notifications.read")
class NotificationsRead(Struct, frozen=True):
    """The user read these items, on one of their devices."""

    items: list[str]


@event("notifications.read_all")
class NotificationsReadAll(Struct, frozen=True):
    """Every item with created_at up to this moment is read."""

    up_to: datetime


@event("notifications.broadcast_progress")
class BroadcastProgress(Struct, frozen=True):
    """How far a broadcast has come; the last one has a final status."""

    id: int
    status: str
    total: int
    done: int
    error: str = ""
