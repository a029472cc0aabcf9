"""Pins over the socket."""

from __future__ import annotations

from chat.payloads import Changed
from chat.pins import services
from realtime import Context, Struct, command


class PinMessage(Struct, frozen=True):
    message: int
    client_id: str


class UnpinMessage(Struct, frozen=True):
    message: int
    client_id: str


@command("chat.message_pin")
def message_pin(context: Context, args: PinMessage) -> Changed:
    return services.message_pin(user=context.user, message=args.message, client_id=args.client_id)


@command("chat.message_unpin")
def message_unpin(context: Context, args: UnpinMessage) -> Changed:
    return services.message_unpin(user=context.user, message=args.message, client_id=args.client_id)
