"""Saved messages over the socket."""

from __future__ import annotations

from chat.saved import services
from chat.saved.payloads import Keeping
from realtime import Context, Struct, command


class SaveMessage(Struct, frozen=True):
    message: int
    client_id: str


class UnsaveMessage(Struct, frozen=True):
    message: int
    client_id: str


@command("chat.message_save")
def message_save(context: Context, args: SaveMessage) -> Keeping:
    return services.message_save(user=context.user, message=args.message, client_id=args.client_id)


@command("chat.message_unsave")
def message_unsave(context: Context, args: UnsaveMessage) -> Keeping:
    return services.message_unsave(user=context.user, message=args.message, client_id=args.client_id)
