"""Rooms as audiences of broadcasts: a notice to a room's members travels on the room's own stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from chat.models import Member, Room, stream_of
from notifications.audiences import Choice, register_audience
from realtime.compiled import CompiledQuery


class RoomMembers:
    """The members of a public or private room."""

    def stream(self, key: int | None) -> str:
        return stream_of(key or 0)

    def count(self, key: int | None) -> int | None:
        people: int | None = _rooms_with_people().filter(pk=key or 0).values_list("people", flat=True).first()
        return people

    def members(self, key: int | None) -> QuerySet[Any, Any]:
        return Member.objects.filter(room_id=key or 0).exclude(room__kind=Room.Kind.DIRECT).values("user_id")

    def name(self, key: int | None) -> str:
        return Room.objects.filter(pk=key or 0).values_list("name", flat=True).first() or f"room {key}"

    def choices(self, limit: int) -> Sequence[Choice]:
        rows = _rooms_with_people().order_by("name", "pk").values_list("pk", "name", "people")[:limit]
        return [Choice(*row) for row in rows]

    def streams_of(self, user: Any) -> Sequence[str]:
        return [stream_of(room_id) for (room_id,) in _rooms_of(user.pk)]


@CompiledQuery
def _rooms_of(user_id: int) -> QuerySet[Any, Any]:
    return Member.objects.filter(user_id=user_id).order_by("room_id").values_list("room_id")


def _rooms_with_people() -> Any:
    people = Count("members", filter=Q(members__user__is_active=True))
    return Room.objects.exclude(kind=Room.Kind.DIRECT).annotate(people=people)


register_audience("room", RoomMembers())
