"""Everything that changes rooms and who is in them. Messages are sent by `sending` and changed by `amending`.

Each function runs inside the transaction that `once` opens: rows and events commit together, and a repetition with
the same client_id gets the first result. Rooms are locked before their members change, so that the counts in events
come in the order of the events.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.payloads import Person
from chat import events, selectors
from chat.conf import numbers
from chat.errors import (
    BadMentionRule,
    BadNumber,
    BadRoom,
    BadUser,
    DirectRoomIsFixed,
    NameTaken,
    RoomArchived,
    RoomNotFound,
    RoomsLimitReached,
    TooManyPeople,
)
from chat.models import Member, Room, stream_of, user_stream
from chat.moderation.admission import refuse_banned, refuse_blocked
from chat.moderation.audit import record
from chat.moderation.errors import GuestNotAllowed
from chat.moderation.filters import checked_name
from chat.moderation.policies import is_guest, outranked, room_for_moderating
from chat.moderation.ranks import moderates
from chat.moderation.streams import moderators_stream
from chat.notification_types import DIRECT, KEYWORD, MENTION
from chat.payloads import Membership, Opened, ReadMark
from chat.policies import (
    MAX_ID,
    room_for_governing,
    room_for_reading,
    room_for_writing,
    room_locked,
)
from chat.presence.services import tell_read
from chat.text import name_key, room_description, room_name, room_topic
from chat.text import reason as checked_reason
from chat.threads.services import forget_reader
from notifications.selectors import has_unread
from notifications.services import notification_read_groups
from realtime import once, positions, publish, publish_many, revoke_stream

MAX_ROOMS_PER_USER = 500


# Rooms ------------------------------------------------------------------------------------------------


def room_create(*, user: User, kind: str, name: str, topic: str, client_id: str) -> Opened:
    """A public or private room, owned by `user`.

    Raises BadRoom, BadName, NameTaken, RoomsLimitReached, GuestNotAllowed, TextRefused.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_create",
        result=Opened,
        run=lambda: _create(user, kind, room_name(name), room_topic(topic)),
    )


def _create(user: User, kind: str, name: str, topic: str) -> Opened:
    if kind not in (Room.Kind.PUBLIC, Room.Kind.PRIVATE):
        raise BadRoom()
    if is_guest(user.pk):
        raise GuestNotAllowed("Guests make no rooms. Ask a member to make one and to put you into it.")
    name, topic = checked_name(user, None, name), checked_name(user, None, topic)
    key = name_key(name) if kind == Room.Kind.PUBLIC else None
    try:
        with transaction.atomic():
            room = Room.objects.create(kind=kind, name=name, topic=topic, name_key=key)
    except IntegrityError:
        raise NameTaken() from None
    return _add(room, user, role=Member.Role.OWNER)


def room_change(
    *,
    user: User,
    room: int,
    name: str | None,
    topic: str | None,
    mention_all: str | None = None,
    description: str | None = None,
    kind: str | None = None,
    client_id: str,
) -> Opened:
    """Gives a room another name, topic, description or rule for @room and @here (None: as it is); for owners.

    `kind` opens a private room to everybody, with all that was said there, or closes a public one.

    Raises RoomNotFound, NotRoomOwner, BadName, NameTaken, BadRoom, BadMentionRule, TextRefused.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_change",
        result=Opened,
        run=lambda: _change(user, room, name, topic, mention_all, description, kind),
    )


def _change(
    user: User,
    room_id: int,
    name: str | None,
    topic: str | None,
    mention_all: str | None,
    description: str | None,
    kind: str | None,
) -> Opened:
    room = room_for_governing(user.pk, room_id).room
    if mention_all not in (None, *Room.MentionAll):
        raise BadMentionRule()
    if kind not in (None, Room.Kind.PUBLIC, Room.Kind.PRIVATE):
        raise BadRoom()
    before = _described(room)
    room.kind = room.kind if kind is None else kind
    room.name = room.name if name is None else checked_name(user, room.pk, room_name(name))
    room.topic = room.topic if topic is None else checked_name(user, room.pk, room_topic(topic))
    if description is not None:
        room.description = checked_name(user, room.pk, room_description(description))
    room.mention_all = room.mention_all if mention_all is None else mention_all
    room.name_key = name_key(room.name) if room.kind == Room.Kind.PUBLIC else None
    try:
        with transaction.atomic():
            room.save(update_fields=["kind", "name", "topic", "description", "name_key", "mention_all"])
    except IntegrityError:
        raise NameTaken() from None
    if _described(room) != before:
        record(user, "changed", room=room, details={"before": before, "after": _described(room)})
    publish_change(room)
    return opened(room, user)


def _described(room: Room) -> dict[str, str]:
    return {"name": room.name, "topic": room.topic, "mention_all": room.mention_all}


def direct_open(*, user: User, others: Collection[int], client_id: str) -> Opened:
    """The one conversation of exactly these people and `user`, made when there is none.

    Raises BadUser, TooManyPeople, PersonNotFound, RoomsLimitReached; CannotWrite where one of two blocked the other.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.direct_open",
        result=Opened,
        run=lambda: _open_direct(user, set(others)),
    )


def _open_direct(user: User, other_ids: set[int]) -> Opened:
    if not other_ids or user.pk in other_ids:
        raise BadUser()
    if len(other_ids) >= numbers().max_direct_people:
        raise TooManyPeople(max=numbers().max_direct_people)
    # The user of a socket is as old as the socket.
    asking = User.objects.get(pk=user.pk)
    others = [selectors.active_user(other, seen_by=asking) for other in sorted(other_ids)]
    if len(others) == 1:
        refuse_blocked(user.pk, others[0].pk)
    key = ":".join(str(pk) for pk in sorted({user.pk, *other_ids}))
    room = Room.objects.filter(direct_key=key).first()
    if room is not None:
        return opened(room, user)
    try:
        with transaction.atomic():
            room = Room.objects.create(kind=Room.Kind.DIRECT, direct_key=key)
    except IntegrityError:
        # Another of them opened it just now.
        return opened(Room.objects.get(direct_key=key), user)
    return _add(room, *others, user, role=Member.Role.MEMBER)


# Membership -------------------------------------------------------------------------------------------


def room_join(*, user: User, room: int, client_id: str) -> Opened:
    """Into a public room.

    Raises RoomNotFound (for private ones, and guests, too), RoomsLimitReached, BannedFromRoom.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_join",
        result=Opened,
        run=lambda: _join(user, room),
    )


def _join(user: User, room_id: int) -> Opened:
    room = room_locked(room_id)
    already = Member.objects.filter(room=room, user=user).exists()
    if not already and (room.kind != Room.Kind.PUBLIC or is_guest(user.pk)):
        raise RoomNotFound()
    return room_enter(room, user)


def room_invite(*, user: User, room: int, invited: int, client_id: str) -> Membership:
    """Puts somebody into a room; every member may who is no guest.

    Raises RoomNotFound, PersonNotFound, DirectRoomIsFixed, RoomArchived, RoomsLimitReached, BannedFromRoom,
    GuestNotAllowed.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_invite",
        result=Membership,
        run=lambda: _invite(user, room, invited),
    )


def _invite(user: User, room_id: int, invited_id: int) -> Membership:
    room = room_for_writing(user.pk, room_id).room
    if room.kind == Room.Kind.DIRECT:
        raise DirectRoomIsFixed()
    if is_guest(user.pk):
        raise GuestNotAllowed()
    invited = selectors.active_user(invited_id)
    if room.archived_at is not None:
        raise RoomArchived()
    if not Member.objects.filter(room=room, user=invited).exists():
        _add(room, invited, role=Member.Role.MEMBER)
    return Membership(room.pk, invited.pk, room.member_count)


def room_leave(*, user: User, room: int, client_id: str) -> Membership:
    """Out of a room. An owner who leaves hands it to whoever has been there longest.

    Raises RoomNotFound, DirectRoomIsFixed.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_leave",
        result=Membership,
        run=lambda: _leave(user, room),
    )


def _leave(user: User, room_id: int) -> Membership:
    member = room_for_writing(user.pk, room_id)
    if member.room.kind == Room.Kind.DIRECT:
        raise DirectRoomIsFixed()
    left = remove_member(member, events.RoomRemoved(member.room_id))
    hand_over(member.room)
    return left


def room_kick(*, user: User, room: int, kicked: int, reason: str = "", client_id: str) -> Membership:
    """Puts somebody out of a room, who may come back; for whoever moderates it and outranks them.

    Raises RoomNotFound, DirectRoomIsFixed, NotModerator, BadUser, PersonNotFound, Outranked, BadReason.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_kick",
        result=Membership,
        run=lambda: _kick(user, room, kicked, checked_reason(reason)),
    )


def _kick(user: User, room_id: int, kicked_id: int, reason: str) -> Membership:
    authority = room_for_moderating(user.pk, room_id)
    if kicked_id == user.pk:
        raise BadUser("Leave the room instead of kicking yourself.")
    member = outranked(authority, kicked_id)
    record(user, "kicked", room=authority.room, person=member.user, reason=reason)
    return remove_member(member, events.RoomRemoved(room_id, "kicked", reason))


def room_read(
    *, user: User, room: int, number: int, client_id: str, unread_version: int | None = None
) -> ReadMark:
    """Moves the user's read mark forward, never back, on all their devices; what they were notified of there is read.

    `unread_version` is that of the room as the device knows it: when the user has set the mark back since, on another
    one, nothing changes. Raises RoomNotFound, BadNumber.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_read",
        result=ReadMark,
        run=lambda: _read(user, room, number, unread_version),
    )


def _read(user: User, room_id: int, number: int, unread_version: int | None) -> ReadMark:
    if not 0 <= number <= MAX_ID:
        raise BadNumber()
    member = room_for_reading(user.pk, room_id)
    number = min(number, member.room.last_number)
    known = member.unread_version if unread_version is None else unread_version
    mark = Member.objects.filter(pk=member.pk, unread_version=known)
    if mark.filter(read_number__lt=number).update(read_number=number):
        hidden = selectors.hidden_up_to(member.room, number)
        publish(user_stream(user.pk), events.RoomRead(room_id, number, hidden))
        tell_read(member, number)
    elif not mark.exists():
        # It was set back on another device, or the room was left, since the membership was read.
        now = room_for_reading(user.pk, room_id)
        return ReadMark(room_id, now.read_number, now.unread_version)
    _read_notifications(user, member, number)
    return ReadMark(room_id, max(number, member.read_number), known)


def _read_notifications(user: User, member: Member, number: int) -> None:
    """Marks the notifications of the room's messages as read, unless there are unread messages of their kind.

    Where the messages just read were of that kind, the inbox is locked before it is looked at: they may just be told.
    """
    types, group = (MENTION, KEYWORD, DIRECT), stream_of(member.room_id)
    if (
        member.room.kind == Room.Kind.DIRECT
        or selectors.is_mentioned(user.pk, member.room_id, after=member.read_number, up_to=number)
        or has_unread(user, types=types, group=group)
    ):
        notification_read_groups(
            user,
            types=types,
            group=group,
            unless=lambda: selectors.waits_for(user.pk, member.room_id),
        )


# Bots -------------------------------------------------------------------------------------------------


def bot_join(room: Room, bot: User) -> None:
    """A program joins a locked room, by the hand of its owner."""
    _add(room, bot, role=Member.Role.MEMBER)


def bot_leave(room: Room, bot: User) -> None:
    """A program leaves a locked room."""
    member = Member.objects.filter(room=room, user=bot).first()
    if member is not None:
        member.room = room
        remove_member(member, events.RoomRemoved(room.pk, "kicked"))


# Parts ------------------------------------------------------------------------------------------------


def room_enter(room: Room, user: User) -> Opened:
    """Into a locked room that the user may enter; whoever is first in an empty one owns it.

    Raises RoomsLimitReached.
    """
    if Member.objects.filter(room=room, user=user).exists():
        return opened(room, user)
    return _add(room, user, role=Member.Role.MEMBER if room.member_count else Member.Role.OWNER)


def _add(room: Room, *users: User, role: str) -> Opened:
    """Makes `users` members of a locked or new room. What was said before counts as read.

    Returns the room as the last of them sees it. Raises BannedFromRoom, RoomsLimitReached.
    """
    refuse_banned(room, users)
    for user in users:
        if Member.objects.filter(user=user).count() >= MAX_ROOMS_PER_USER:
            raise RoomsLimitReached(max=MAX_ROOMS_PER_USER)
    roles = {user.pk: _role_of(user, room, role) for user in users}
    Member.objects.bulk_create(
        Member(room=room, user=user, role=roles[user.pk], read_number=room.last_number) for user in users
    )
    room.member_count += len(users)
    room.save(update_fields=["member_count"])
    for user in users:
        entered = opened(room, user)
        publish_many(
            [
                (room.stream, events.MemberJoined(Person.of(user), room.member_count, roles[user.pk])),
                (user_stream(user.pk), events.RoomAdded(entered.room, entered.cursor)),
            ]
        )
    return entered


def remove_member(member: Member, removed: events.RoomRemoved) -> Membership:
    """Takes a member out of a locked room, and the room from all their devices; `removed` is what these are told."""
    room = member.room
    room.member_count -= 1
    room.save(update_fields=["member_count"])
    member.delete()
    forget_reader(member.user_id, room.pk)
    left = events.MemberLeft(member.user_id, room.member_count, kicked=removed.why != "left")
    publish_many([(room.stream, left), (user_stream(member.user_id), removed)])
    if moderates(member.role):
        revoke_stream(moderators_stream(room.pk), [member.user_id])
    revoke_stream(room.stream, [member.user_id])
    return Membership(room.pk, member.user_id, room.member_count)


def hand_over(room: Room) -> None:
    """Makes the longest-standing moderator, else member, the owner of a locked room without one; no guest or bot."""
    members = Member.objects.filter(room=room)
    if members.filter(role=Member.Role.OWNER).exists():
        return
    heirs = members.filter(role__in=[Member.Role.MODERATOR, Member.Role.MEMBER], user__is_bot=False)
    # "moderator" comes after "member".
    heir = heirs.order_by("-role", "joined_at", "id").first()
    if heir is not None:
        heir.role = Member.Role.OWNER
        heir.save(update_fields=["role"])
        publish_change(room)


def publish_change(room: Room) -> None:
    """Tells everybody in a locked room how it is now."""
    owners = Member.objects.filter(room=room, role=Member.Role.OWNER).order_by("user_id")
    owner_ids = list(owners.values_list("user_id", flat=True))
    changed = events.RoomChanged(
        id=room.pk,
        name=room.name,
        topic=room.topic,
        owners=owner_ids,
        mention_all=room.mention_all,  # type: ignore[arg-type]
        kind=room.kind,  # type: ignore[arg-type]
        description=room.description,
        archived=room.archived_at is not None,
    )
    publish(room.stream, changed)


def opened(room: Room, user: User) -> Opened:
    """The room as `user` sees it, and a cursor from before it was read."""
    cursor = positions([room.stream])[room.stream]
    (seen,) = selectors.rooms_of(user.pk, [room.pk])
    return Opened(seen, cursor)


def _role_of(user: User, room: Room, role: str) -> Any:
    """A guest is a guest in every room."""
    return Member.Role.GUEST.value if user.is_guest and room.kind != Room.Kind.DIRECT else str(role)
