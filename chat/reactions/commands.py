"""Reactions over the socket."""

from __future__ import annotations

from chat.reactions import services
from chat.reactions.payloads import Reacted
from realtime import Context, Struct, command


class AddReaction(Struct, frozen=True):
    message: int
    emoji: str
    client_id: str


class RemoveReaction(Struct, frozen=True):
    message: int
    emoji: str
    client_id: str


@command("chat.reaction_add")
def reaction_add(context: Context, args: AddReaction) -> Reacted:
    return services.reaction_add(
        user=context.user, message=args.message, emoji=args.emoji, client_id=args.client_id
    )


@command("chat.reaction_remove")
def reaction_remove(context: Context, args: RemoveReaction) -> Reacted:
    return services.reaction_remove(
        user=context.user, message=args.message, emoji=args.emoji, client_id=args.client_id
    )
