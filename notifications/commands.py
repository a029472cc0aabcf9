"""The inbox over the socket."""

from datetime import datetime
from typing import Literal

from notifications.models import Mark
from notifications.preferences import commands as _preferences  # noqa: F401  (registers itself)
from notifications.reminders import commands as _reminders  # noqa: F401  (registers itself)
from notifications.services import (
    MarkResult,
    ReadAllResult,
    notification_mark,
    notification_read_all,
    notification_snooze,
)
from realtime import Context, Struct, command


class Read(Struct, frozen=True):
    items: list[str]
    client_id: str


class ReadAll(Struct, frozen=True):
    client_id: str


class MarkItems(Struct, frozen=True):
    items: list[str]
    mark: Literal["seen", "read", "unread", "clicked", "archived", "restored"]
    client_id: str


class Snooze(Struct, frozen=True):
    items: list[str]
    until: datetime
    client_id: str


@command("notifications.read")
def read(context: Context, args: Read) -> MarkResult:
    """Mark these items as read, on all devices."""
    return notification_mark(context.user, args.items, Mark.READ, client_id=args.client_id)


@command("notifications.read_all")
def read_all(context: Context, args: ReadAll) -> ReadAllResult:
    """Mark all items as read, on all devices."""
    return notification_read_all(context.user, client_id=args.client_id)


@command("notifications.mark")
def mark(context: Context, args: MarkItems) -> MarkResult:
    """Mark these items, on all devices: seen, read, unread, clicked, archived, or restored to the inbox."""
    return notification_mark(context.user, args.items, Mark(args.mark), client_id=args.client_id)


@command("notifications.snooze")
def snooze(context: Context, args: Snooze) -> MarkResult:
    """Take these items out of the inbox until then."""
    return notification_snooze(context.user, args.items, args.until, client_id=args.client_id)
