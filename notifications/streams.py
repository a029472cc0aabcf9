"""Who may read the streams of notifications: `user:<id>`, `audience:all`, `audience:group:<id>`, `broadcast:<id>`."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import QuerySet

from notifications.models import Broadcast
from notifications.policies import may_view
from realtime import stream_kind
from realtime.compiled import CompiledQuery

_GROUP_PREFIX = "group:"


@stream_kind("user")
def readable_users(user: Any, keys: Collection[str]) -> set[str]:
    """Everybody their own, nobody another's."""
    return {str(user.pk)} & set(keys)


@stream_kind("audience")
def readable_audiences(user: Any, keys: Collection[str]) -> set[str]:
    """`all` for everybody, `group:<id>` for its members."""
    allowed = {"all"} & set(keys)
    if any(key.startswith(_GROUP_PREFIX) for key in keys):
        allowed |= {f"{_GROUP_PREFIX}{pk}" for (pk,) in _groups(user.pk)} & set(keys)
    return allowed


@CompiledQuery
def _groups(user_id: int) -> QuerySet[Any, Any]:
    return Group.objects.filter(user=user_id).values_list("pk")


@stream_kind("broadcast")
def readable_broadcasts(user: Any, keys: Collection[str]) -> set[str]:
    """The progress of a broadcast, for staff who may see broadcasts."""
    numbers = [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 19]
    # The socket's user is as old as the socket, and Django keeps permissions with the instance.
    fresh = get_user_model().objects.filter(pk=user.pk).first() if numbers else None
    if fresh is None or not may_view(fresh):
        return set()
    return {str(pk) for pk in Broadcast.objects.filter(pk__in=numbers).values_list("pk", flat=True)} & set(
        keys
    )
