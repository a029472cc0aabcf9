"""Reads of groups. Names and sizes are open to everybody who may mention them; members too, as a message tells them."""

from __future__ import annotations

from accounts.models import User
from accounts.names import username_key, without_invisible
from accounts.payloads import Person
from chat.conf import numbers
from chat.groups.errors import GroupNotFound
from chat.groups.payloads import Group, GroupWithMembers
from chat.models import UserGroup
from chat.policies import MAX_ID

MAX_GROUPS = 200


def groups_matching(text: str | None) -> list[Group]:
    """All groups by name, at most 200; or with a text a few whose name begins with it. One query."""
    groups = UserGroup.objects.order_by("name_key")
    if text is None:
        return [Group.of(one) for one in groups[:MAX_GROUPS]]
    begins = username_key(without_invisible(text[:64]))
    return [Group.of(one) for one in groups.filter(name_key__startswith=begins)[: numbers().suggestions]]


def group_with_members(group_id: int) -> GroupWithMembers:
    """Two queries. Raises GroupNotFound."""
    group = UserGroup.objects.filter(pk=group_id).first() if 0 < group_id <= MAX_ID else None
    if group is None:
        raise GroupNotFound()
    people = group.members.order_by("username_key")[: numbers().max_group_members]
    return GroupWithMembers(Group.of(group), [Person.of(one) for one in people])


def manages_groups(user: User) -> bool:
    return user.has_perm("chat.manage_groups")
