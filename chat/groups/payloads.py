"""What groups look like to a client."""

from __future__ import annotations

from typing import Literal

from accounts.payloads import Person
from chat.models import UserGroup
from realtime import Struct


class Group(Struct, frozen=True):
    id: int
    name: str
    description: str
    mentioned_by: Literal["everybody", "members"]
    member_count: int

    @classmethod
    def of(cls, row: UserGroup) -> Group:
        return cls(row.pk, row.name, row.description, row.mentioned_by, row.member_count)  # type: ignore[arg-type]


class GroupWithMembers(Struct, frozen=True):
    group: Group
    members: list[Person]


class GroupRemoved(Struct, frozen=True):
    group: int


class GroupRights(Struct, frozen=True):
    """What the user who asks may do with groups, beside reading them."""

    manages: bool
