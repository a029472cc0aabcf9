"""Which groups the names in a text mean. Asked only where a name is nobody's."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from chat.mentions.resolve import Group
from chat.models import GroupMember, UserGroup
from realtime import rows


def groups_named(names: Collection[str], authors: Collection[int]) -> Mapping[int, Mapping[str, Group]]:
    """For each author, by the key of its name, each group among the names. Two queries at most; none without names."""
    found = (
        list(
            rows.select(
                UserGroup,
                ("id", "name_key", "member_count", "mentioned_by"),
                ("name_key",),
                {(name,) for name in names},
            )
        )
        if names
        else []
    )
    closed = {id for id, _, _, mentioned_by in found if mentioned_by == UserGroup.Who.MEMBERS.value}
    pairs = {(id, author) for id in closed for author in authors}
    key = ("group_id", "user_id")
    inside = set(rows.select(GroupMember, key, key, pairs)) if pairs else set()
    return {
        author: {
            name: Group(id, member_count, id not in closed or (id, author) in inside)
            for id, name, member_count, _ in found
        }
        for author in authors
    }
