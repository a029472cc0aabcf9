"""Reads of chat, each with a number of queries that does not depend on how much there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.circles import seen_by as whom
from accounts.models import User
from accounts.names import username_key
from accounts.payloads import Person
from chat.conf import numbers
from chat.errors import PersonNotFound
from chat.marks.reading import seen_by
from chat.models import SHOWN, Block, Member, Mention, Message, Room
from chat.moderation.ranks import moderates
from chat.moderation.times import shown_until
from chat.paging import Place, page_of
from chat.payloads import Message as MessagePayload
from chat.payloads import Page, PublicRoom, RoomMember, Version
from chat.payloads import Room as RoomPayload
from chat.policies import MAX_ID, message_for_reading, room_for_reading
from chat.text import name_key
from chat.threads.showing import SHOWN_WITH, shown, shown_one

MAX_PUBLIC_ROOMS = 100
MAX_MEMBERS = 1000
MAX_MENTIONED = 2000  # unread mentions in all rooms that are looked at, the newest


def rooms_of(user_id: int, room_ids: Collection[int] | None = None) -> list[RoomPayload]:
    """The user's rooms (or those of them in `room_ids`), in the order of joining. Six queries at most, and those of
    `seen_by`.
    """
    memberships = Member.objects.select_related("room").filter(user_id=user_id).order_by("id")
    memberships = memberships.annotate(read_hidden=_READ_HIDDEN)
    if room_ids is not None:
        memberships = memberships.filter(room_id__in=room_ids)
    mine = list(memberships)
    last_messages = _last_messages(user_id, [member.room_id for member in mine])
    mentioned = _mentioned(user_id, room_ids)
    people = _people_in([member.room_id for member in mine if member.room.kind == Room.Kind.DIRECT])
    return [
        RoomPayload.of(
            member,
            read_hidden=member.read_hidden,
            mentioned=mentioned[member.room_id],
            people=people[member.room_id],
            last_message=last_messages.get(member.room_id),
        )
        for member in mine
    ]


def room_ids_of(user_id: int) -> list[int]:
    return list(Member.objects.filter(user_id=user_id).values_list("room_id", flat=True))


def public_rooms_matching(user: User, text: str) -> list[PublicRoom]:
    """Up to 100 public rooms whose name contains `text`, by name; none for guests. One query."""
    if user.is_guest:
        return []
    joined = Exists(Member.objects.filter(room=OuterRef("pk"), user=user))
    rooms = Room.objects.filter(kind=Room.Kind.PUBLIC, archived_at=None).annotate(joined=joined)
    if text:
        rooms = rooms.filter(name_key__contains=name_key(text))
    return [
        PublicRoom(room.pk, room.name, room.topic, room.member_count, room.joined)
        for room in rooms.order_by("name_key")[:MAX_PUBLIC_ROOMS]
    ]


def members_of(user_id: int, room_id: int) -> list[RoomMember]:
    """Who is in a room, owners first, then moderators; up to 1000. Raises RoomNotFound."""
    mine = room_for_reading(user_id, room_id)
    members = (
        Member.objects.filter(room_id=room_id).select_related("user").order_by("-role", "user__username_key")
    )
    return [_room_member(member, mine.role) for member in members[:MAX_MEMBERS]]


def members_matching(user_id: int, room_id: int, text: str) -> list[RoomMember]:
    """A few members whose user name begins with `text`, then those whose name contains it. Raises RoomNotFound."""
    mine = room_for_reading(user_id, room_id)
    begins = Q(user__username_key__startswith=username_key(text))
    members = (
        Member.objects.filter(begins | Q(user__display_name__icontains=text))
        .filter(room_id=room_id, user__is_active=True)
        .annotate(
            first=Case(When(begins, then=Value(True)), default=Value(False), output_field=BooleanField())
        )
        .select_related("user")
        .order_by("-first", "user__username_key")
    )
    return [_room_member(member, mine.role) for member in members[: numbers().suggestions]]


def messages_before(user_id: int, room_id: int, *, before: int | None, limit: int) -> Page:
    """The `limit` (1 to 200) messages before number `before`, or the newest: see `messages_at`."""
    return messages_at(user_id, room_id, Place(before=before), limit)


def messages_at(user_id: int, room_id: int, place: Place, limit: int) -> Page:
    """A page of what the room's timeline shows. Two queries, two more around a number; and those of `shown`.

    Around a reply that only its thread shows, it is around the thread's root. Raises RoomNotFound, BadLimit, BadNumber,
    BadPlace.
    """
    place.check(limit)
    room_for_reading(user_id, room_id)
    messages = Message.objects.filter(room_id=room_id)
    hidden = None
    if place.around is not None:
        hidden = messages.exclude(SHOWN).select_related("author", "root").filter(number=place.around).first()
        if hidden is not None and hidden.root is not None:
            place = Place(around=hidden.root.number)
    found = page_of(messages.filter(SHOWN).select_related(*SHOWN_WITH), place, limit)
    reply = None if hidden is None else seen_by(user_id, [shown_one(hidden)])[0]
    return Page(seen_by(user_id, shown(found.rows)), found.has_older, found.has_newer, reply)


def message_history(user_id: int, message_id: int) -> list[Version]:
    """What a message said before its edits, oldest first; nothing of one that was deleted. Raises MessageNotFound."""
    message = message_for_reading(user_id, message_id)
    revisions = message.revisions.filter(forget_at=None).order_by("pk")
    return [Version.of(one) for one in revisions]


def is_mentioned(user_id: int, room_id: int, *, after: int, up_to: int) -> bool:
    """Whether a message in this range mentions the user, or everybody. One query."""
    between = Mention.objects.filter(room_id=room_id, thread=None, number__gt=after, number__lte=up_to)
    return between.filter(Q(user_id=user_id) | Q(user=None)).exists()


def unread_mentions(user_id: int, room_id: int) -> list[int]:
    """The numbers of the room's unread messages that mention the user, rising; the newest 100. One query."""
    return _mentioned(user_id, [room_id])[room_id]


def waits_for(user_id: int, room_id: int) -> bool:
    """Whether a message that the room's timeline shows, and that notifies the user, is unread. Two queries at most."""
    member = room_for_reading(user_id, room_id)
    if member.room.kind == Room.Kind.DIRECT:
        read = member.read_number - hidden_up_to(member.room, member.read_number)
        return member.room.last_number - member.room.hidden_count > read
    return bool(_mentioned(user_id, [room_id], words=True)[room_id])


def hidden_up_to(room: Room, number: int) -> int:
    """How many of the room's messages up to `number` its timeline does not show. Two queries at most."""
    if room.hidden_count == 0 or number >= room.last_number:
        return room.hidden_count
    messages = Message.objects.filter(room=room)
    last = messages.filter(number__lte=number).order_by("-number").values_list("hidden", flat=True).first()
    if last is not None:
        return last
    # What was there is deleted for its age: the oldest that is left knows.
    oldest = messages.order_by("number").first()
    return room.hidden_count if oldest is None else oldest.hidden - (oldest.only_in_thread is not None)


def active_user(user_id: int, *, seen_by: User | None = None) -> User:
    """Raises PersonNotFound, also where `seen_by` is a guest who has not met that person."""
    visible = Q() if seen_by is None else whom(seen_by)
    user = User.objects.filter(visible, pk=user_id, is_active=True).first() if 0 < user_id <= MAX_ID else None
    if user is None:
        raise PersonNotFound()
    return user


# Of a membership, how many messages up to its read mark the room's timeline does not show.
_READ_HIDDEN = Case(
    When(room__hidden_count=0, then=Value(0)),
    When(read_number__gte=F("room__last_number"), then=F("room__hidden_count")),
    default=Coalesce(
        Subquery(
            Message.objects.filter(room=OuterRef("room_id"), number__lte=OuterRef("read_number"))
            .order_by("-number")
            .values("hidden")[:1]
        ),
        # As in `hidden_up_to`.
        Subquery(
            Message.objects.filter(room=OuterRef("room_id"))
            .order_by("number")
            .values(before=F("hidden") - Case(When(SHOWN, then=Value(0)), default=Value(1)))[:1]
        ),
        F("room__hidden_count"),
    ),
    output_field=BigIntegerField(),
)


def _last_messages(user_id: int, room_ids: Collection[int]) -> dict[int, MessagePayload]:
    # One index look-up per room. A join with the rooms reads like this one, and is planned as a scan of all messages.
    last = Message.objects.filter(room=OuterRef("pk"), number=OuterRef("last_shown")).values("pk")
    last_shown = Case(
        When(last_number__gt=F("hidden_number"), then=F("last_number")), default=F("shown_number")
    )
    rooms = Room.objects.filter(pk__in=room_ids).annotate(last_shown=last_shown)
    newest = rooms.values(newest=Subquery(last))
    messages = Message.objects.filter(pk__in=newest).select_related(*SHOWN_WITH)
    return {message.room: message for message in seen_by(user_id, shown(list(messages)))}


def _people_in(room_ids: Collection[int]) -> dict[int, list[Person]]:
    people: dict[int, list[Person]] = defaultdict(list)
    for member in Member.objects.filter(room_id__in=room_ids).select_related("user").order_by("user_id"):
        people[member.room_id].append(Person.of(member.user))
    return people


def _mentioned(
    user_id: int, room_ids: Collection[int] | None, *, words: bool = False
) -> dict[int, list[int]]:
    """By room, the numbers of unread messages that mention the user, rising; of each room the newest.

    Without those of people whom the user blocks. With `words` also of those that have only one of the user's own words.
    """
    unread = Mention.objects.filter(
        room__members__user_id=user_id, thread=None, number__gt=F("room__members__read_number")
    ).order_by()
    blocked = Block.objects.filter(blocker_id=user_id, blocked_id=OuterRef("message__author_id"))
    unread = unread.exclude(Exists(blocked))
    if room_ids is not None:
        unread = unread.filter(room_id__in=room_ids)
    columns = ("message_id", "room_id", "number")
    mine = unread.filter(user_id=user_id).values_list(*columns)
    if not words:
        mine = mine.exclude(kind=Mention.Kind.WORD)
    everybodys = unread.filter(user=None, kind=Mention.Kind.ROOM).values_list(*columns)
    newest = mine.union(everybodys).order_by("-message_id")[:MAX_MENTIONED]
    found: dict[int, list[int]] = defaultdict(list)
    for _, room_id, number in newest:
        if len(found[room_id]) < numbers().max_mentioned:
            found[room_id].append(number)
    return defaultdict(list, {room_id: sorted(some) for room_id, some in found.items()})


def _room_member(member: Member, reader_role: str) -> RoomMember:
    """That somebody is muted is for moderators to know, and for themselves."""
    muted_until = member.muted_until if moderates(reader_role) else None
    return RoomMember(
        member.user_id,
        member.user.username,
        member.user.display_name,
        member.role,  # type: ignore[arg-type]
        muted_until is not None and muted_until > timezone.now(),
        shown_until(muted_until),
    )
