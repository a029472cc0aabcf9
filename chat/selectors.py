"""Reads of chat, each with a number of queries that does not depend on how much there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Exists, OuterRef, Subquery

from accounts.models import User
from accounts.payloads import Person
from chat.errors import BadLimit, BadNumber, PersonNotFound
from chat.models import Member, Message, Room
from chat.payloads import Message as MessagePayload
from chat.payloads import Page, PublicRoom, RoomMember
from chat.payloads import Room as RoomPayload
from chat.policies import MAX_ID, room_for_reading
from chat.text import name_key

MAX_PAGE = 200
MAX_PUBLIC_ROOMS = 100
MAX_MEMBERS = 1000


def rooms_of(user_id: int, room_ids: Collection[int] | None = None) -> list[RoomPayload]:
    """The user's rooms (or those of them in `room_ids`), in the order of joining. Three queries at most."""
    memberships = Member.objects.select_related("room").filter(user_id=user_id).order_by("id")
    if room_ids is not None:
        memberships = memberships.filter(room_id__in=room_ids)
    mine = list(memberships)
    last_messages = _last_messages([member.room_id for member in mine])
    people = _people_in([member.room_id for member in mine if member.room.kind == Room.Kind.DIRECT])
    return [
        RoomPayload.of(member, people=people[member.room_id], last_message=last_messages.get(member.room_id))
        for member in mine
    ]


def room_ids_of(user_id: int) -> list[int]:
    return list(Member.objects.filter(user_id=user_id).values_list("room_id", flat=True))


def public_rooms_matching(user_id: int, text: str) -> list[PublicRoom]:
    """Up to 100 public rooms whose name contains `text`, by name. One query."""
    joined = Exists(Member.objects.filter(room=OuterRef("pk"), user_id=user_id))
    rooms = Room.objects.filter(kind=Room.Kind.PUBLIC).annotate(joined=joined)
    if text:
        rooms = rooms.filter(name_key__contains=name_key(text))
    return [
        PublicRoom(room.pk, room.name, room.topic, room.member_count, room.joined)
        for room in rooms.order_by("name_key")[:MAX_PUBLIC_ROOMS]
    ]


def members_of(user_id: int, room_id: int) -> list[RoomMember]:
    """Who is in a room, owners first; up to 1000. Raises RoomNotFound."""
    room_for_reading(user_id, room_id)
    members = (
        Member.objects.filter(room_id=room_id).select_related("user").order_by("-role", "user__username_key")
    )
    return [
        RoomMember(member.user_id, member.user.username, member.user.display_name, member.role)  # type: ignore[arg-type]
        for member in members[:MAX_MEMBERS]
    ]


def messages_before(user_id: int, room_id: int, *, before: int | None, limit: int) -> Page:
    """The `limit` (1 to 200) messages before number `before`, or the newest. Two queries.

    Raises RoomNotFound, BadLimit, BadNumber.
    """
    if not 1 <= limit <= MAX_PAGE:
        raise BadLimit(max=MAX_PAGE)
    if before is not None and not 0 <= before <= MAX_ID:
        raise BadNumber()
    room_for_reading(user_id, room_id)
    messages = Message.objects.filter(room_id=room_id).select_related("author").order_by("-number")
    if before is not None:
        messages = messages.filter(number__lt=before)
    newest_first = list(messages[: limit + 1])
    items = [MessagePayload.of(message) for message in reversed(newest_first[:limit])]
    return Page(items, has_more=len(newest_first) > limit)


def active_user(user_id: int) -> User:
    """Raises PersonNotFound."""
    user = User.objects.filter(pk=user_id, is_active=True).first() if 0 < user_id <= MAX_ID else None
    if user is None:
        raise PersonNotFound()
    return user


def _last_messages(room_ids: Collection[int]) -> dict[int, MessagePayload]:
    # One index look-up per room. A join with the rooms reads like this one, and is planned as a scan of all messages.
    last = Message.objects.filter(room=OuterRef("pk"), number=OuterRef("last_number")).values("pk")
    newest = Room.objects.filter(pk__in=room_ids).values(newest=Subquery(last))
    messages = Message.objects.filter(pk__in=newest).select_related("author")
    return {message.room_id: MessagePayload.of(message) for message in messages}


def _people_in(room_ids: Collection[int]) -> dict[int, list[Person]]:
    people: dict[int, list[Person]] = defaultdict(list)
    for member in Member.objects.filter(room_id__in=room_ids).select_related("user").order_by("user_id"):
        people[member.room_id].append(Person.of(member.user))
    return people
