"""The commands of webhooks over the socket."""

from __future__ import annotations

from chat.hooks import services
from chat.hooks.payloads import Hook, HookRemoved
from realtime import Context, Struct, command


class CreateHook(Struct, frozen=True):
    room: int
    direction: str
    name: str
    client_id: str
    url: str = ""
    triggers: str = ""


class OfHook(Struct, frozen=True):
    hook: int
    client_id: str


@command("chat.hook_create")
def hook_create(context: Context, args: CreateHook) -> Hook:
    return services.hook_create(
        user=context.user,
        room=args.room,
        direction=args.direction,
        name=args.name,
        url=args.url,
        triggers=args.triggers,
        client_id=args.client_id,
    )


@command("chat.hook_renew")
def hook_renew(context: Context, args: OfHook) -> Hook:
    return services.hook_renew(user=context.user, hook=args.hook, client_id=args.client_id)


@command("chat.hook_remove")
def hook_remove(context: Context, args: OfHook) -> HookRemoved:
    return services.hook_remove(user=context.user, hook=args.hook, client_id=args.client_id)
