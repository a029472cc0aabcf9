"""Whom guests may see: said by the apps in which people meet, without accounts knowing them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from accounts.models import User

_circles: list[Callable[[User], QuerySet[Any, Any]]] = []


def register_circle(circle: Callable[[User], QuerySet[Any, Any]]) -> None:
    """`circle(user)` gives the ids of people whom a guest has met there, as a queryset of one column."""
    if circle not in _circles:
        _circles.append(circle)


def seen_by(user: User) -> Q:
    """The condition on users that `user` may see: everybody, and for a guest those whom they have met."""
    if not user.is_guest:
        return Q()
    met = Q(pk=user.pk)
    for circle in _circles:
        met |= Q(pk__in=circle(user))
    return met
