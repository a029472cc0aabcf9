"""The inbox over the socket."""

from notifications.services import (
    ReadAllResult,
    ReadResult,
    notification_read,
    notification_read_all,
)
from realtime import Context, Struct, command


class Read(Struct, frozen=True):
    items: list[str]
    client_id: str


class ReadAll(Struct, frozen=True):
    client_id: str


@command("notifications.read")
def read(context: Context, args: Read) -> ReadResult:
    """Mark these items as read, on all devices."""
    return notification_read(context.user, args.items, client_id=args.client_id)


@command("notifications.read_all")
def read_all(context: Context, args: ReadAll) -> ReadAllResult:
    """Mark all items as read, on all devices."""
    return notification_read_all(context.user, client_id=args.client_id)
