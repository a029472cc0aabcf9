"""What moderators and owners do: roles, rules of a room, mutes, bans; and bans from everything, by staff.

Each function runs inside the transaction that `once` opens, with the room locked, and writes what it did into the
audit log.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from accounts.services import user_ban, user_lift_ban
from chat import events, services
from chat.conf import numbers
from chat.errors import BadUser, PersonNotFound
from chat.models import Member, Room, RoomBan, user_stream
from chat.moderation import events as order
from chat.moderation.audit import record
from chat.moderation.errors import (
    BadRole,
    BadRules,
    GuestNotAllowed,
    LastOwner,
    NotBanned,
    Outranked,
)
from chat.moderation.payloads import BanEverywhere, BanLifted, MuteSet, RoleSet, RulesSet
from chat.moderation.policies import (
    Authority,
    member_of,
    outranked,
    require_server_moderator,
    room_for_moderating,
    room_for_ruling,
)
from chat.moderation.ranks import outranks
from chat.moderation.times import checked_until, shown_until
from chat.payloads import Membership
from chat.policies import MAX_ID
from chat.text import reason as checked_reason
from realtime import once, publish, recheck_access

_GRANTED = (Member.Role.OWNER, Member.Role.MODERATOR, Member.Role.MEMBER)


# Roles and rules --------------------------------------------------------------------------------------


def role_change(*, user: User, room: int, member: int, role: str, client_id: str) -> RoleSet:
    """Makes a member an owner, a moderator or a member; for owners, who may also step down themselves.

    Raises RoomNotFound, DirectRoomIsFixed, NotRoomOwner, PersonNotFound, BadRole, GuestNotAllowed, LastOwner.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.role_change",
        result=RoleSet,
        run=lambda: _change_role(user, room, member, role),
    )


def _change_role(user: User, room_id: int, member_id: int, role: str) -> RoleSet:
    authority = room_for_ruling(user.pk, room_id)
    if role not in _GRANTED:
        raise BadRole()
    member = member_of(authority.room, member_id)
    if member.user.is_guest:
        raise GuestNotAllowed("Guests stay guests: an administrator can make a full account of theirs.")
    before = member.role
    if before == role:
        return RoleSet(room_id, member_id, role)  # type: ignore[arg-type]
    owners = Member.objects.filter(room=authority.room, role=Member.Role.OWNER)
    if before == Member.Role.OWNER and not owners.exclude(pk=member.pk).exists():
        raise LastOwner()
    set_role(member, role)
    record(
        user,
        "changed the role of",
        room=authority.room,
        person=member.user,
        details={"before": before, "after": role},
    )
    return RoleSet(room_id, member_id, role)  # type: ignore[arg-type]


def set_role(member: Member, role: str) -> None:
    """Gives a member of a locked room a role, tells everybody there, and takes away what came with another one."""
    member.role = role
    member.save(update_fields=["role"])
    publish(member.room.stream, order.RoleChanged(member.user_id, role))  # type: ignore[arg-type]
    recheck_access([member.user_id])


def rules_change(
    *,
    user: User,
    room: int,
    posting: str | None,
    slow_mode_s: int | None,
    retention_days: int | None,
    default_retention: bool,
    client_id: str,
) -> RulesSet:
    """Says who may write in a room, how often, and how long messages are kept (None: as it is); for owners.

    `retention_days` 0 keeps them for ever; `default_retention` leaves it to the installation. Raises RoomNotFound,
    DirectRoomIsFixed, NotRoomOwner, BadRules.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.rules_change",
        result=RulesSet,
        run=lambda: _change_rules(user, room, posting, slow_mode_s, retention_days, default_retention),
    )


def _change_rules(
    user: User,
    room_id: int,
    posting: str | None,
    slow_mode_s: int | None,
    retention_days: int | None,
    default_retention: bool,
) -> RulesSet:
    room = room_for_ruling(user.pk, room_id).room
    limits = numbers()
    if posting not in (None, *Room.Posting):
        raise BadRules("Who may write is one of everybody, moderators and owners.")
    if slow_mode_s is not None and not 0 <= slow_mode_s <= limits.max_slow_mode_s:
        raise BadRules(f"Slow mode is from 0 to {limits.max_slow_mode_s} s.", max=limits.max_slow_mode_s)
    if retention_days is not None and not 0 <= retention_days <= limits.max_retention_days:
        raise BadRules(
            f"Messages are kept for 1 to {limits.max_retention_days} days, or 0 for ever.",
            max=limits.max_retention_days,
        )
    before = _rules(room)
    room.posting = room.posting if posting is None else posting
    room.slow_mode_s = room.slow_mode_s if slow_mode_s is None else slow_mode_s
    if default_retention or retention_days is not None:
        room.retention_days = None if default_retention else retention_days
        room.trim_at = timezone.now()
    room.save(update_fields=["posting", "slow_mode_s", "retention_days", "trim_at"])
    after = _rules(room)
    if after != before:
        publish(
            room.stream,
            order.RulesChanged(room.posting, room.slow_mode_s, room.retention_days),  # type: ignore[arg-type]
        )
        record(user, "changed the rules of", room=room, details={"before": before, "after": after})
    return RulesSet(room.pk, room.posting, room.slow_mode_s, room.retention_days)  # type: ignore[arg-type]


def _rules(room: Room) -> dict[str, str | int | None]:
    return {
        "posting": room.posting,
        "slow_mode_s": room.slow_mode_s,
        "retention_days": room.retention_days,
    }


# Mute and ban -----------------------------------------------------------------------------------------


def member_mute(
    *, user: User, room: int, member: int, until: datetime | None, reason: str, client_id: str
) -> MuteSet:
    """Keeps a member from writing until then, None for good; for whoever moderates the room and outranks them.

    Raises RoomNotFound, DirectRoomIsFixed, NotModerator, PersonNotFound, Outranked, BadUntil, BadReason.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.member_mute",
        result=MuteSet,
        run=lambda: mute(user, room_for_moderating(user.pk, room), member, until, reason),
    )


def mute(user: User, authority: Authority, member_id: int, until: datetime | None, reason: str) -> MuteSet:
    """The same, inside a transaction and with the authority that was found."""
    end, why = checked_until(until, timezone.now()), checked_reason(reason)
    member = outranked(authority, member_id)
    member.muted_until, member.mute_reason = end, why
    member.save(update_fields=["muted_until", "mute_reason"])
    publish(user_stream(member_id), order.Muted(member.room_id, True, shown_until(end), why))
    record(user, "muted", room=authority.room, person=member.user, reason=why, details=_until(end))
    return MuteSet.of(member)


def member_unmute(*, user: User, room: int, member: int, client_id: str) -> MuteSet:
    """Lets a member write again; again is fine.

    Raises RoomNotFound, DirectRoomIsFixed, NotModerator, PersonNotFound.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.member_unmute",
        result=MuteSet,
        run=lambda: _unmute(user, room, member),
    )


def _unmute(user: User, room_id: int, member_id: int) -> MuteSet:
    room = room_for_moderating(user.pk, room_id).room
    member = member_of(room, member_id)
    if member_id == user.pk:
        raise Outranked()
    if member.muted_until is not None:
        member.muted_until, member.mute_reason = None, ""
        member.save(update_fields=["muted_until", "mute_reason"])
        publish(user_stream(member_id), order.Muted(room.pk, False, None, ""))
        record(user, "unmuted", room=room, person=member.user)
    return MuteSet.of(member)


def member_ban(
    *, user: User, room: int, banned: int, until: datetime | None, reason: str, client_id: str
) -> Membership:
    """Puts somebody out of a room, and keeps them out until then, None for good; who is not in it too.

    Raises RoomNotFound, DirectRoomIsFixed, NotModerator, BadUser, PersonNotFound, Outranked, BadUntil, BadReason.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.member_ban",
        result=Membership,
        run=lambda: ban(user, room_for_moderating(user.pk, room), banned, until, reason),
    )


def ban(user: User, authority: Authority, banned_id: int, until: datetime | None, reason: str) -> Membership:
    """The same, inside a transaction and with the authority that was found."""
    if banned_id == user.pk:
        raise BadUser("You cannot ban yourself.")
    end, why = checked_until(until, timezone.now()), checked_reason(reason)
    room = authority.room
    member = Member.objects.select_related("room", "user").filter(room=room, user_id=_id(banned_id)).first()
    if member is not None and not outranks(authority.role, member.role):
        raise Outranked()
    person = member.user if member is not None else User.objects.filter(pk=_id(banned_id)).first()
    if person is None:
        raise PersonNotFound()
    values = {"by": user, "reason": why, "until": end, "created_at": timezone.now()}
    RoomBan.objects.update_or_create(room=room, user=person, defaults=values)
    record(user, "banned", room=room, person=person, reason=why, details=_until(end))
    if member is None:
        return Membership(room.pk, person.pk, room.member_count)
    member.room = room
    return services.remove_member(member, events.RoomRemoved(room.pk, "banned", why, shown_until(end)))


def ban_lift(*, user: User, room: int, banned: int, client_id: str) -> BanLifted:
    """Lets somebody back into a room; nobody is put back.

    Raises RoomNotFound, DirectRoomIsFixed, NotModerator, NotBanned.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.ban_lift",
        result=BanLifted,
        run=lambda: _lift(user, room, banned),
    )


def _lift(user: User, room_id: int, banned_id: int) -> BanLifted:
    room = room_for_moderating(user.pk, room_id).room
    found = RoomBan.objects.select_related("user").filter(room=room, user_id=_id(banned_id)).first()
    if found is None:
        raise NotBanned()
    found.delete()
    record(user, "lifted the ban of", room=room, person=found.user)
    return BanLifted(room_id, banned_id, True)


# Everywhere -------------------------------------------------------------------------------------------


def person_ban(
    *, user: User, banned: int, until: datetime | None, reason: str, client_id: str
) -> BanEverywhere:
    """Out of everything until then, None for good: log-ins end and sockets close at once. For staff who moderate.

    Raises StaffOnly, BadUser, PersonNotFound, Outranked, BadUntil, BadReason.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.person_ban",
        result=BanEverywhere,
        run=lambda: ban_everywhere(user, banned, until, reason),
    )


def ban_everywhere(user: User, banned_id: int, until: datetime | None, reason: str) -> BanEverywhere:
    """The same, inside a transaction."""
    require_server_moderator(user.pk)
    end, why = checked_until(until, timezone.now()), checked_reason(reason)
    if banned_id == user.pk:
        raise BadUser("You cannot ban yourself.")
    person = User.objects.filter(pk=_id(banned_id), erased_at=None).first()
    if person is None:
        raise PersonNotFound()
    if person.is_staff or person.is_superuser:
        raise Outranked("Nobody can ban staff. An administrator takes their rights first.")
    user_ban(person, until=end, reason=why)
    record(user, "banned from everything", person=person, reason=why, details=_until(end))
    return BanEverywhere(person.pk, shown_until(end), why)


def person_lift_ban(*, user: User, banned: int, client_id: str) -> BanLifted:
    """Lets somebody log in again. Raises StaffOnly, PersonNotFound."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.person_lift_ban",
        result=BanLifted,
        run=lambda: _lift_everywhere(user, banned),
    )


def _lift_everywhere(user: User, banned_id: int) -> BanLifted:
    require_server_moderator(user.pk)
    person = User.objects.filter(pk=_id(banned_id)).first()
    if person is None:
        raise PersonNotFound()
    lifted = user_lift_ban(person)
    if lifted:
        record(user, "lifted the ban from everything of", person=person)
    return BanLifted(None, person.pk, lifted)


# Guests -----------------------------------------------------------------------------------------------


def guest_roles_follow(user: User) -> None:
    """The account became a guest's, or a full one: so do its roles. A room that loses its only owner gets another."""
    becoming = Member.Role.GUEST if user.is_guest else Member.Role.MEMBER
    mine = Member.objects.filter(user=user).exclude(room__kind=Room.Kind.DIRECT)
    mine = mine.exclude(role=becoming) if user.is_guest else mine.filter(role=Member.Role.GUEST)
    for room_id in list(mine.order_by("room_id").values_list("room_id", flat=True)):
        room = Room.objects.select_for_update().get(pk=room_id)
        member = Member.objects.get(room=room, user=user)
        member.room = room
        set_role(member, becoming)
        services.hand_over(room)


# Parts ------------------------------------------------------------------------------------------------


def _until(end: datetime) -> dict[str, str | None]:
    shown = shown_until(end)
    return {"until": None if shown is None else shown.isoformat()}


def _id(number: int) -> int:
    """`number`, where databases can compare it to an id; else one that nobody has."""
    return number if 0 < number <= MAX_ID else 0
