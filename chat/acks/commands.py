"""Acknowledgements over the socket."""

from __future__ import annotations

from chat.acks import services
from chat.acks.payloads import Acknowledged
from chat.payloads import Sent
from realtime import Context, Struct, command


class AskForAck(Struct, frozen=True):
    """A message that asks everybody in the room to acknowledge it."""

    room: int
    text: str
    client_id: str


class GiveAck(Struct, frozen=True):
    message: int
    client_id: str


@command("chat.ack_ask")
def ack_ask(context: Context, args: AskForAck) -> Sent:
    return services.ack_ask(user=context.user, room=args.room, text=args.text, client_id=args.client_id)


@command("chat.ack_give")
def ack_give(context: Context, args: GiveAck) -> Acknowledged:
    return services.ack_give(user=context.user, message=args.message, client_id=args.client_id)
