"""Segments: audiences that an app declares as a query, in its own `audiences.py`.

    @segment("shop.buyers", label="Has bought something")
    def buyers() -> QuerySet[User]:
        return User.objects.filter(orders__isnull=False)

The query is asked anew each time: who is in it when the broadcast goes out gets it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

People = Callable[[], QuerySet[Any]]

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")
_MAX_NAME_CHARS = 80
_segments: dict[str, Segment] = {}


@dataclass(frozen=True, slots=True)
class Segment:
    """`people` returns users; somebody who is in it twice counts once."""

    name: str
    label: str
    people: People


def segment(name: str, *, label: str) -> Callable[[People], People]:
    """Registers a query of users. Mistakes are found at start-up: ValueError."""
    if not _NAME.match(name) or len(name) > _MAX_NAME_CHARS:
        raise ValueError(f"{name!r} is not a name of the form app.thing, in lower case.")

    def register(query: People) -> People:
        if _segments.setdefault(name, Segment(name, label, query)).people is not query:
            raise ValueError(f"The segment {name!r} is registered twice: rename one of them.")
        return query

    return register


def known_segment(name: str) -> Segment | None:
    """The segment of that name, or None when no installed app declares it."""
    return _segments.get(name)


def all_segments() -> list[Segment]:
    return sorted(_segments.values(), key=lambda one: one.label)
