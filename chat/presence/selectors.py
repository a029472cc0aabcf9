"""Reads of statuses and receipts, each with a fixed number of queries."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.payloads import Person
from chat.conf import numbers
from chat.models import Member, Room
from chat.policies import message_for_reading, room_for_reading
from chat.presence.payloads import OwnStatus, Readers, Receipt, Status

MAX_STATUSES = 1000


def own_status(user_id: int) -> OwnStatus:
    """One query."""
    return OwnStatus.of(User.objects.get(pk=user_id))


def statuses_in(user_id: int, room_id: int) -> list[Status]:
    """What members of a room say of themselves; up to 1000. Two queries. Raises RoomNotFound."""
    room_for_reading(user_id, room_id)
    return _statuses(Q(memberships__room=room_id))


def statuses_of_direct(user_id: int) -> list[Status]:
    """What those say whom the user talks with directly; up to 1000. One query."""
    mine = Member.objects.filter(user_id=user_id, room__kind=Room.Kind.DIRECT).values("room_id")
    return _statuses(Q(memberships__room__in=mine))


def receipts_of(user_id: int, room_id: int) -> list[Receipt]:
    """How far each member of a small room has read; nothing where it is large, or for who hides their own.

    Three queries. Raises RoomNotFound.
    """
    room = room_for_reading(user_id, room_id).room
    if room.member_count > numbers().receipts_max_members or not _shows_reads(user_id):
        return []
    members = Member.objects.filter(room_id=room_id, user__shows_reads=True).order_by("user_id")
    columns = ("user_id", "read_number", "delivered_seq")
    return [Receipt(*row) for row in members.values_list(*columns)]


def readers_of(user_id: int, message_id: int) -> Readers:
    """Who has read a message, in a room of any size; nobody for who hides their own. Raises MessageNotFound."""
    message = message_for_reading(user_id, message_id)
    if not _shows_reads(user_id):
        return Readers(0, [])
    readers = (
        Member.objects.filter(
            room_id=message.room_id, read_number__gte=message.number, user__shows_reads=True
        )
        .exclude(user_id=message.author_id)
        .select_related("user")
        .order_by("user__username_key")
    )
    return Readers(readers.count(), [Person.of(one.user) for one in readers[: numbers().readers_named]])


def _shows_reads(user_id: int) -> bool:
    return User.objects.filter(pk=user_id, shows_reads=True).exists()


def _statuses(people: Q) -> list[Status]:
    says = ~Q(status_text="") | ~Q(status_emoji="")
    lasts = Q(status_until=None) | Q(status_until__gt=timezone.now())
    users = User.objects.filter(people, says, lasts).distinct().order_by("pk")
    return [Status.of(user) for user in users[:MAX_STATUSES]]
