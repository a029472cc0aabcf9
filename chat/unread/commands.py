"""Marking unread over the socket."""

from __future__ import annotations

from chat.payloads import ReadMark
from chat.unread import services
from realtime import Context, Struct, command


class UnreadRoom(Struct, frozen=True):
    """From the message with this number on."""

    room: int
    number: int
    client_id: str


@command("chat.room_unread")
def room_unread(context: Context, args: UnreadRoom) -> ReadMark:
    return services.room_unread(
        user=context.user, room=args.room, number=args.number, client_id=args.client_id
    )
