"""One audience: its people as a query, how many they are, and whether they are one stream.

The people of every audience are one query of user ids in rising order, so that a sender goes through any number of
them by "the next 500 after id N": it can stop anywhere, and needs no more memory for a million than for a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from notifications.audiences.kinds import audience_kind
from notifications.audiences.segments import known_segment


class AudienceChoice(models.TextChoices):
    EVERYBODY = "everybody", _("Everybody")
    GROUP = "group", _("A group")
    ROOM = "room", _("The members of a room")
    USERS = "users", _("Named people")
    SEGMENT = "segment", _("A saved segment")
    JOINED = "joined", _("Who joined since a date")
    ONLINE = "online", _("Who is online now")
    FILE = "file", _("A list from a file")


# These are a list of people, which is stored with the broadcast.
LISTED = frozenset({AudienceChoice.USERS, AudienceChoice.ONLINE, AudienceChoice.FILE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom a broadcast or a notice reaches.

    `key` is the group's or room's id, `segment` a declared name, `since` the first moment of having joined, `user_ids`
    those of a list, or a query of them. Without `without_users` (ids, or a query) and the members of `without_group`.
    """

    kind: str
    key: int | None = None
    segment: str = ""
    since: datetime | None = None
    user_ids: Iterable[int] | QuerySet[Any, Any] = ()
    without_users: Iterable[int] | QuerySet[Any, Any] = ()
    without_group: int | None = None

    @property
    def leaves_out(self) -> bool:
        """Whether somebody may be excepted."""
        return self.without_group is not None or bool(self.without_users)


def people(audience: Audience) -> QuerySet[Any, int] | None:
    """The ids of its active people, rising; None when there is no such audience (any more)."""
    found = _included(audience)
    if found is None:
        return None
    if audience.without_users:
        found = found.exclude(pk__in=audience.without_users)
    if audience.without_group is not None:
        members = get_user_model().groups.through.objects.filter(group_id=audience.without_group)
        found = found.exclude(pk__in=members.values("user_id"))
    return found.order_by("pk").values_list("pk", flat=True)


def count(audience: Audience) -> int | None:
    """How many active people it has now; None when there is no such audience. One query."""
    if audience.leaves_out or (kind := audience_kind(audience.kind)) is None:
        found = people(audience)
        return None if found is None else found.count()
    return kind.count(audience.key)


def stream_of(audience: Audience) -> str | None:
    """The stream that all of its people read, and nobody else; None where it needs a line for each of them."""
    kind = audience_kind(audience.kind)
    return None if kind is None or audience.leaves_out else kind.stream(audience.key)


def _included(audience: Audience) -> QuerySet[Any] | None:
    active = get_user_model().objects.filter(is_active=True)
    if audience.kind in LISTED:
        return active.filter(pk__in=audience.user_ids)
    if audience.kind == AudienceChoice.JOINED:
        return active.filter(date_joined__gte=audience.since)
    if audience.kind == AudienceChoice.SEGMENT:
        segment = known_segment(audience.segment)
        return None if segment is None else active.filter(pk__in=segment.people().values("pk"))
    kind = audience_kind(audience.kind)
    if kind is None or kind.count(audience.key) is None:
        return None
    return (
        active
        if audience.kind == AudienceChoice.EVERYBODY
        else active.filter(pk__in=kind.members(audience.key))
    )
