"""Groups over the socket."""

from __future__ import annotations

from chat.groups import services
from chat.groups.payloads import Group, GroupRemoved
from realtime import Context, Struct, command


class SaveGroup(Struct, frozen=True):
    name: str
    members: list[int]
    client_id: str
    group: int | None = None
    description: str = ""
    mentioned_by: str = "everybody"


class RemoveGroup(Struct, frozen=True):
    group: int
    client_id: str


@command("chat.group_save")
def group_save(context: Context, args: SaveGroup) -> Group:
    return services.group_save(
        user=context.user,
        group=args.group,
        name=args.name,
        description=args.description,
        mentioned_by=args.mentioned_by,
        members=args.members,
        client_id=args.client_id,
    )


@command("chat.group_remove")
def group_remove(context: Context, args: RemoveGroup) -> GroupRemoved:
    return services.group_remove(user=context.user, group=args.group, client_id=args.client_id)
