"""Who can be addressed as one stream: a registry that other apps fill in their own `audiences.py`.

An audience kind knows who a key reaches and how many they are, which stream they all read, and which of these streams
one person reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import Count, Q, QuerySet

from realtime.compiled import CompiledQuery

EVERYBODY_STREAM = "audience:all"


@dataclass(frozen=True, slots=True)
class Choice:
    """One audience of a kind, as a form offers it."""

    key: int
    name: str
    people: int


class AudienceKind(Protocol):
    """What an app gives to `register_audience`. Every method is at most one query."""

    def stream(self, key: int | None) -> str: ...
    def count(self, key: int | None) -> int | None:
        """How many active people read the stream now; None when there is no such audience."""
        ...

    def members(self, key: int | None) -> QuerySet[Any, Any]:
        """The ids of its people, as a query to put into others; deactivated ones may be among them."""
        ...

    def name(self, key: int | None) -> str: ...
    def choices(self, limit: int) -> Sequence[Choice]: ...
    def streams_of(self, user: Any) -> Sequence[str]:
        """The streams of this kind that `user` reads now."""
        ...


_kinds: dict[str, AudienceKind] = {}


def register_audience(kind: str, audience: AudienceKind) -> None:
    """Make `kind` addressable; called once, at start, from an app's `audiences` module."""
    if kind in _kinds and type(_kinds[kind]) is not type(audience):
        raise ValueError(f"The audience kind {kind!r} is registered twice.")
    _kinds[kind] = audience


def audience_kind(kind: str) -> AudienceKind | None:
    """The registered kind, or None when no installed app offers it."""
    return _kinds.get(kind)


def audience_kinds() -> dict[str, AudienceKind]:
    return dict(_kinds)


def group_stream(group_id: int | None) -> str:
    return f"audience:group:{group_id}"


class Everybody:
    def stream(self, key: int | None) -> str:
        return EVERYBODY_STREAM

    def count(self, key: int | None) -> int | None:
        return get_user_model().objects.filter(is_active=True).count()

    def members(self, key: int | None) -> QuerySet[Any, Any]:
        return get_user_model().objects.values("pk")

    def name(self, key: int | None) -> str:
        return "everybody"

    def choices(self, limit: int) -> Sequence[Choice]:
        return []

    def streams_of(self, user: Any) -> Sequence[str]:
        return [EVERYBODY_STREAM]


class GroupMembers:
    """Members of a Django group."""

    def stream(self, key: int | None) -> str:
        return group_stream(key)

    def count(self, key: int | None) -> int | None:
        people: int | None = _groups_with_people().filter(pk=key).values_list("people", flat=True).first()
        return people

    def members(self, key: int | None) -> QuerySet[Any, Any]:
        return get_user_model().groups.through.objects.filter(group_id=key or 0).values("user_id")

    def name(self, key: int | None) -> str:
        return Group.objects.filter(pk=key or 0).values_list("name", flat=True).first() or f"group {key}"

    def choices(self, limit: int) -> Sequence[Choice]:
        rows = _groups_with_people().order_by("name").values_list("pk", "name", "people")[:limit]
        return [Choice(*row) for row in rows]

    def streams_of(self, user: Any) -> Sequence[str]:
        return [group_stream(pk) for (pk,) in _groups_of(user.pk)]


@CompiledQuery
def _groups_of(user_id: int) -> QuerySet[Any, Any]:
    return Group.objects.filter(user=user_id).order_by("pk").values_list("pk")


def _groups_with_people() -> Any:
    return Group.objects.annotate(people=Count("user", filter=Q(user__is_active=True)))


register_audience("everybody", Everybody())
register_audience("group", GroupMembers())
