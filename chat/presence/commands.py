"""The commands of statuses and receipts over the socket."""

from __future__ import annotations

from datetime import datetime

from chat.presence import services
from chat.presence.payloads import OwnStatus
from realtime import Context, Struct, command


class SetAvailability(Struct, frozen=True):
    availability: str
    client_id: str
    until: datetime | None = None


class SetStatus(Struct, frozen=True):
    emoji: str
    text: str
    client_id: str
    until: datetime | None = None


class SetReceipts(Struct, frozen=True):
    shown: bool
    client_id: str


@command("chat.availability_set")
def availability_set(context: Context, args: SetAvailability) -> OwnStatus:
    return services.availability_set(
        user=context.user, availability=args.availability, until=args.until, client_id=args.client_id
    )


@command("chat.status_set")
def status_set(context: Context, args: SetStatus) -> OwnStatus:
    return services.status_set(
        user=context.user, emoji=args.emoji, text=args.text, until=args.until, client_id=args.client_id
    )


@command("chat.receipts_set")
def receipts_set(context: Context, args: SetReceipts) -> OwnStatus:
    return services.receipts_set(user=context.user, shown=args.shown, client_id=args.client_id)
