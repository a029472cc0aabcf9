"""The open rooms there are, a page at a time. Two queries."""

from __future__ import annotations

import msgspec
from django.db.models import Exists, F, OuterRef, Q

from accounts.names import without_invisible
from chat.errors import BadLimit
from chat.models import Member, Room
from chat.moderation.policies import is_guest
from chat.policies import MAX_ID
from chat.rooms.errors import BadBrowse
from chat.rooms.payloads import BrowsedRoom, BrowsePage
from chat.text import name_key

MAX_ROOMS = 100

# By what a page is sorted, and whether that falls.
_SORTS = {"name": ("name_key", False), "members": ("member_count", True), "newest": ("pk", True)}
_JOINED = {"any": None, "yes": True, "no": False}


def browse_rooms(
    user_id: int,
    text: str = "",
    *,
    sort: str = "name",
    joined: str = "any",
    archived: bool = False,
    cursor: str | None = None,
    limit: int = 30,
) -> BrowsePage:
    """Public rooms with `text` in their name or topic; none for guests. Raises BadBrowse, BadLimit."""
    if sort not in _SORTS or joined not in _JOINED:
        raise BadBrowse()
    if not 1 <= limit <= MAX_ROOMS:
        raise BadLimit(f"limit is from 1 to {MAX_ROOMS}.", max=MAX_ROOMS)
    mine = Exists(Member.objects.filter(room=OuterRef("pk"), user_id=user_id))
    rooms = Room.objects.filter(kind=Room.Kind.PUBLIC).annotate(joined=mine)
    if is_guest(user_id):
        rooms = rooms.none()
    if not archived:
        rooms = rooms.filter(archived_at=None)
    if _JOINED[joined] is not None:
        rooms = rooms.filter(joined=_JOINED[joined])
    sought = without_invisible(text[:64])
    if sought:
        rooms = rooms.filter(Q(name_key__contains=name_key(sought)) | Q(topic__icontains=sought))
    column, falls = _SORTS[sort]
    if cursor is not None:
        value, pk = _position_from(cursor, column)
        beyond = "lt" if falls else "gt"
        rooms = rooms.filter(Q(**{f"{column}__{beyond}": value}) | Q(**{column: value, "pk__gt": pk}))
    order = F(column).desc() if falls else F(column).asc()
    found = list(rooms.order_by(order, "pk")[: limit + 1])
    shown = found[:limit]
    following = _position(shown[-1], column) if len(found) > limit else None
    return BrowsePage([_browsed(room) for room in shown], following)


def _browsed(room: Room) -> BrowsedRoom:
    return BrowsedRoom(
        id=room.pk,
        name=room.name,
        topic=room.topic,
        description=room.description,
        member_count=room.member_count,
        created_at=room.created_at,
        archived=room.archived_at is not None,
        joined=room.joined,  # type: ignore[attr-defined]
    )


def _position(room: Room, column: str) -> str:
    return msgspec.json.encode([getattr(room, column), room.pk]).decode()


def _position_from(cursor: str, column: str) -> tuple[str | int, int]:
    kind = tuple[str, int] if column == "name_key" else tuple[int, int]
    try:
        value, pk = msgspec.json.decode(cursor[:500], type=kind)
    except (msgspec.DecodeError, ValueError):
        raise BadBrowse("cursor is the `next` of a page of the same list.") from None
    numbers = [one for one in (value, pk) if isinstance(one, int)]
    if any(not 0 <= one <= MAX_ID for one in numbers) or "\x00" in str(value):
        raise BadBrowse("cursor is the `next` of a page of the same list.")
    return value, pk
