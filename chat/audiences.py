"""A room's members as the audience of a broadcast; direct rooms are nobody's audience."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from chat.models import Member, Room, stream_of
from notifications.audiences import Choice, register_audience


class RoomMembers:
    def stream(self, key: int | None) -> str:
        return stream_of(key or 0)

    def count(self, key: int | None) -> int | None:
        return _rooms_with_people().filter(pk=key).values_list("people", flat=True).first()

    def name(self, key: int | None) -> str:
        return _rooms().filter(pk=key).values_list("name", flat=True).first() or f"room {key}"

    def choices(self, limit: int) -> Sequence[Choice]:
        rows = _rooms_with_people().order_by("name", "pk").values_list("pk", "name", "people")[:limit]
        return [Choice(*row) for row in rows]

    def streams_of(self, user: Any) -> Sequence[str]:
        rooms = Member.objects.filter(user=user).exclude(room__kind=Room.Kind.DIRECT)
        return [stream_of(pk) for pk in rooms.order_by("room_id").values_list("room_id", flat=True)]


def _rooms() -> QuerySet[Room]:
    return Room.objects.exclude(kind=Room.Kind.DIRECT)


def _rooms_with_people() -> QuerySet[Any]:
    return _rooms().annotate(people=Count("members", filter=Q(members__user__is_active=True)))


register_audience("room", RoomMembers())
