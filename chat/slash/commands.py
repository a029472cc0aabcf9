"""The command that carries out slash commands, over the socket."""

from __future__ import annotations

from chat.slash import services
from chat.slash.payloads import SlashResult
from realtime import Context, Struct, command


class RunSlash(Struct, frozen=True):
    room: int
    text: str
    client_id: str


@command("chat.slash_run")
def slash_run(context: Context, args: RunSlash) -> SlashResult:
    return services.slash_run(user=context.user, room=args.room, text=args.text, client_id=args.client_id)
