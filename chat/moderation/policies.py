"""The only ways to get a room, a report or a held message on a moderator's behalf.

Authority comes from the role in the room, or from the permission `chat.moderate` of staff, which is asked from the
database each time: the user of a socket is as old as the socket.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import User
from chat.errors import DirectRoomIsFixed, NotRoomOwner, PersonNotFound, RoomNotFound
from chat.models import HeldMessage, Member, Report, Room
from chat.moderation.errors import HeldNotFound, NotModerator, Outranked, ReportNotFound, StaffOnly
from chat.moderation.ranks import MODERATING, SERVER, outranks
from chat.policies import MAX_ID, room_for_reading, room_locked

MODERATE = "chat.moderate"


@dataclass(frozen=True, slots=True)
class Authority:
    """What somebody may do in a room: their role there, or `ranks.SERVER`."""

    room: Room
    role: str


def is_server_moderator(user_id: int) -> bool:
    """Whether that person moderates everywhere. One query for most people, up to three for staff."""
    staff = User.objects.filter(pk=user_id, is_active=True, is_staff=True).first()
    return staff is not None and staff.has_perm(MODERATE)


def is_guest(user_id: int) -> bool:
    """Whether the account is a guest's just now. One query."""
    return User.objects.filter(pk=user_id, is_guest=True).exists()


def require_server_moderator(user_id: int) -> None:
    """Raises StaffOnly."""
    if not is_server_moderator(user_id):
        raise StaffOnly()


def room_for_moderating(user_id: int, room_id: int) -> Authority:
    """A room that the user moderates or owns, or that staff moderate, locked.

    Raises RoomNotFound, DirectRoomIsFixed, NotModerator.
    """
    room = room_locked(room_id)
    authority = _authority(user_id, room)
    if authority.role not in (*MODERATING, SERVER):
        raise NotModerator()
    return authority


def room_for_ruling(user_id: int, room_id: int) -> Authority:
    """A room that the user owns, or that staff moderate, locked.

    Raises RoomNotFound, DirectRoomIsFixed, NotRoomOwner.
    """
    room = room_locked(room_id)
    authority = _authority(user_id, room)
    if authority.role not in (Member.Role.OWNER, SERVER):
        raise NotRoomOwner()
    return authority


def may_rule(user_id: int, room_id: int) -> Room:
    """The same without the lock, for reads: a room's audit log, its export."""
    room = Room.objects.filter(pk=room_id).first() if 0 < room_id <= MAX_ID else None
    if room is None:
        raise RoomNotFound()
    if _authority(user_id, room).role not in (Member.Role.OWNER, SERVER):
        raise NotRoomOwner()
    return room


def may_read_bans(user_id: int, room_id: int) -> Room:
    """A room whose moderator the user is, without the lock. Raises RoomNotFound, DirectRoomIsFixed, NotModerator."""
    room = Room.objects.filter(pk=room_id).first() if 0 < room_id <= MAX_ID else None
    if room is None:
        raise RoomNotFound()
    if _authority(user_id, room).role not in (*MODERATING, SERVER):
        raise NotModerator()
    return room


def member_of(room: Room, user_id: int) -> Member:
    """A member of a locked room, with their account. Raises PersonNotFound."""
    found = Member.objects.select_related("user").filter(room=room, user_id=user_id)
    member = found.first() if 0 < user_id <= MAX_ID else None
    if member is None:
        raise PersonNotFound()
    member.room = room
    return member


def outranked(authority: Authority, user_id: int) -> Member:
    """A member of whom the authority may rid the room. Raises PersonNotFound, Outranked."""
    member = member_of(authority.room, user_id)
    if not outranks(authority.role, member.role):
        raise Outranked()
    return member


def reports_for(user_id: int) -> QuerySet[Report]:
    """The reports that the user may handle: of rooms that they moderate, never about themselves."""
    found = Report.objects.exclude(person_id=user_id)
    if is_server_moderator(user_id):
        return found
    return found.filter(room__in=_moderated(user_id).values("room_id"))


def report_for_handling(user_id: int, report_id: int) -> tuple[Report, str]:
    """A report, locked, and the role with which the user handles it. Raises ReportNotFound."""
    if not 0 < report_id <= MAX_ID:
        raise ReportNotFound()
    found = reports_for(user_id).filter(pk=report_id)
    if not found.exists():
        raise ReportNotFound()
    report = Report.objects.select_for_update(of=("self",)).select_related("person", "room").get(pk=report_id)
    return report, _handling_role(user_id, report.room_id)


def held_for(user_id: int) -> QuerySet[HeldMessage]:
    """The held messages that the user may judge; nobody judges their own."""
    found = HeldMessage.objects.exclude(author_id=user_id)
    if is_server_moderator(user_id):
        return found
    return found.filter(room__in=_moderated(user_id).values("room_id"))


def held_for_judging(user_id: int, held_id: int) -> HeldMessage:
    """A held message, locked. Raises HeldNotFound."""
    if not 0 < held_id <= MAX_ID or not held_for(user_id).filter(pk=held_id).exists():
        raise HeldNotFound()
    held = HeldMessage.objects.select_for_update(of=("self",)).select_related("author", "room")
    found = held.filter(pk=held_id).first()
    if found is None:
        raise HeldNotFound()
    return found


def moderated_rooms(user_id: int, room_ids: list[int]) -> set[int]:
    """Those of the rooms that the user moderates by a role. One query."""
    return set(_moderated(user_id).filter(room_id__in=room_ids).values_list("room_id", flat=True))


def _moderated(user_id: int) -> QuerySet[Member]:
    return Member.objects.filter(user_id=user_id, role__in=MODERATING).exclude(room__kind=Room.Kind.DIRECT)


def _handling_role(user_id: int, room_id: int | None) -> str:
    if is_server_moderator(user_id):
        return SERVER
    role = Member.objects.filter(Q(room_id=room_id), user_id=user_id).values_list("role", flat=True).first()
    return role or Member.Role.GUEST.value


def _authority(user_id: int, room: Room) -> Authority:
    """Staff who are no members have it too; for everybody else a room that is not theirs is not there."""
    role = SERVER if is_server_moderator(user_id) else room_for_reading(user_id, room.pk).role
    if room.kind == Room.Kind.DIRECT:
        raise DirectRoomIsFixed()
    return Authority(room, role)
