"""Everything that changes rooms and messages, except sending (`sending`).

Each function runs inside the transaction that `once` opens: rows and events commit together, and a repetition with
the same client_id gets the first result. Rooms are locked before their members change, so that the counts in events
come in the order of the events.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.payloads import Person
from chat import events, selectors
from chat.errors import (
    BadNumber,
    BadRoom,
    BadUser,
    DirectRoomIsFixed,
    MessageDeleted,
    NameTaken,
    NotAuthor,
    PersonNotFound,
    RoomNotFound,
    RoomsLimitReached,
)
from chat.models import Member, Room, stream_of, user_stream
from chat.payloads import Changed, Membership, Opened, ReadMark
from chat.payloads import Message as MessagePayload
from chat.policies import (
    MAX_ID,
    message_for_writing,
    room_for_governing,
    room_for_reading,
    room_for_writing,
    room_locked,
)
from chat.text import message_text, name_key, room_name, room_topic
from realtime import once, positions, publish, publish_many, revoke_stream

MAX_ROOMS_PER_USER = 500


# Messages ---------------------------------------------------------------------------------------------


def message_edit(*, user: User, message: int, text: str, client_id: str) -> Changed:
    """Raises MessageNotFound, NotAuthor, MessageDeleted, and what `message_text` raises."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.message_edit",
        result=Changed,
        run=lambda: _edit(user, message, message_text(text)),
    )


def _edit(user: User, message_id: int, text: str) -> Changed:
    message, _ = message_for_writing(user.pk, message_id)
    if message.author_id != user.pk:
        raise NotAuthor()
    if message.deleted_at is not None:
        raise MessageDeleted()
    if message.text != text:
        message.text, message.edited_at = text, timezone.now()
        message.save(update_fields=["text", "edited_at"])
        edited = events.MessageEdited(message.pk, message.number, text, message.edited_at)
        publish(stream_of(message.room_id), edited)
    return Changed(MessagePayload.of(message))


def message_delete(*, user: User, message: int, client_id: str) -> Changed:
    """Leaves a tombstone. For the author and the room's owners. Raises MessageNotFound, NotAuthor."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.message_delete",
        result=Changed,
        run=lambda: _delete(user, message),
    )


def _delete(user: User, message_id: int) -> Changed:
    message, member = message_for_writing(user.pk, message_id)
    if message.author_id != user.pk and member.role != Member.Role.OWNER:
        raise NotAuthor("Only the author of the message, or an owner of the room, may do this.")
    if message.deleted_at is None:
        message.text, message.deleted_at = "", timezone.now()
        message.save(update_fields=["text", "deleted_at"])
        publish(stream_of(message.room_id), events.MessageDeleted(message.pk, message.number))
    return Changed(MessagePayload.of(message))


# Rooms ------------------------------------------------------------------------------------------------


def room_create(*, user: User, kind: str, name: str, topic: str, client_id: str) -> Opened:
    """A public or private room, owned by `user`. Raises BadRoom, BadName, NameTaken, RoomsLimitReached."""
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
    key = name_key(name) if kind == Room.Kind.PUBLIC else None
    try:
        with transaction.atomic():
            room = Room.objects.create(kind=kind, name=name, topic=topic, name_key=key)
    except IntegrityError:
        raise NameTaken() from None
    return _add(room, user, role=Member.Role.OWNER)


def room_change(*, user: User, room: int, name: str | None, topic: str | None, client_id: str) -> Opened:
    """Gives a room another name or topic (None: as it is); for owners.

    Raises RoomNotFound, NotRoomOwner, BadName, NameTaken.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_change",
        result=Opened,
        run=lambda: _change(user, room, name, topic),
    )


def _change(user: User, room_id: int, name: str | None, topic: str | None) -> Opened:
    room = room_for_governing(user.pk, room_id).room
    room.name = room.name if name is None else room_name(name)
    room.topic = room.topic if topic is None else room_topic(topic)
    room.name_key = name_key(room.name) if room.kind == Room.Kind.PUBLIC else None
    try:
        with transaction.atomic():
            room.save(update_fields=["name", "topic", "name_key"])
    except IntegrityError:
        raise NameTaken() from None
    _publish_change(room)
    return _opened(room, user)


def direct_open(*, user: User, other: int, client_id: str) -> Opened:
    """The one conversation of two people, made when there is none.

    Raises BadUser, PersonNotFound, RoomsLimitReached.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.direct_open",
        result=Opened,
        run=lambda: _open_direct(user, other),
    )


def _open_direct(user: User, other_id: int) -> Opened:
    if other_id == user.pk:
        raise BadUser()
    other = selectors.active_user(other_id)
    key = f"{min(user.pk, other.pk)}:{max(user.pk, other.pk)}"
    room = Room.objects.filter(direct_key=key).first()
    if room is not None:
        return _opened(room, user)
    try:
        with transaction.atomic():
            room = Room.objects.create(kind=Room.Kind.DIRECT, direct_key=key)
    except IntegrityError:
        # The other one opened it just now.
        return _opened(Room.objects.get(direct_key=key), user)
    return _add(room, other, user, role=Member.Role.MEMBER)


# Membership -------------------------------------------------------------------------------------------


def room_join(*, user: User, room: int, client_id: str) -> Opened:
    """Into a public room. Raises RoomNotFound (for private ones too), RoomsLimitReached."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_join",
        result=Opened,
        run=lambda: _join(user, room),
    )


def _join(user: User, room_id: int) -> Opened:
    room = room_locked(room_id)
    if Member.objects.filter(room=room, user=user).exists():
        return _opened(room, user)
    if room.kind != Room.Kind.PUBLIC:
        raise RoomNotFound()
    return _add(room, user, role=Member.Role.MEMBER if room.member_count else Member.Role.OWNER)


def room_invite(*, user: User, room: int, invited: int, client_id: str) -> Membership:
    """Puts somebody into a room; every member may.

    Raises RoomNotFound, PersonNotFound, DirectRoomIsFixed, RoomsLimitReached.
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
    invited = selectors.active_user(invited_id)
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
    left = _remove(member, events.MemberLeft(user.pk, member.room.member_count - 1, kicked=False))
    _hand_over(member.room)
    return left


def room_kick(*, user: User, room: int, kicked: int, client_id: str) -> Membership:
    """Puts somebody out of a room; for owners.

    Raises RoomNotFound, NotRoomOwner, DirectRoomIsFixed, BadUser, PersonNotFound.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_kick",
        result=Membership,
        run=lambda: _kick(user, room, kicked),
    )


def _kick(user: User, room_id: int, kicked_id: int) -> Membership:
    room = room_for_governing(user.pk, room_id).room
    if kicked_id == user.pk:
        raise BadUser("Leave the room instead of kicking yourself.")
    member = Member.objects.select_related("room").filter(room=room, user_id=_id(kicked_id)).first()
    if member is None:
        raise PersonNotFound()
    return _remove(member, events.MemberLeft(kicked_id, room.member_count - 1, kicked=True))


def room_read(*, user: User, room: int, number: int, client_id: str) -> ReadMark:
    """Moves the user's read mark forward, never back, on all their devices. Raises RoomNotFound, BadNumber."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.room_read",
        result=ReadMark,
        run=lambda: _read(user, room, number),
    )


def _read(user: User, room_id: int, number: int) -> ReadMark:
    if not 0 <= number <= MAX_ID:
        raise BadNumber()
    member = room_for_reading(user.pk, room_id)
    number = min(number, member.room.last_number)
    if Member.objects.filter(pk=member.pk, read_number__lt=number).update(read_number=number):
        publish(user_stream(user.pk), events.RoomRead(room_id, number))
    return ReadMark(room_id, max(number, member.read_number))


# Parts ------------------------------------------------------------------------------------------------


def _add(room: Room, *users: User, role: str) -> Opened:
    """Makes `users` members of a locked or new room. What was said before counts as read.

    Returns the room as the last of them sees it.
    """
    for user in users:
        if Member.objects.filter(user=user).count() >= MAX_ROOMS_PER_USER:
            raise RoomsLimitReached(max=MAX_ROOMS_PER_USER)
    Member.objects.bulk_create(
        Member(room=room, user=user, role=role, read_number=room.last_number) for user in users
    )
    room.member_count += len(users)
    room.save(update_fields=["member_count"])
    for user in users:
        opened = _opened(room, user)
        publish_many(
            [
                (room.stream, events.MemberJoined(Person.of(user), room.member_count)),
                (user_stream(user.pk), events.RoomAdded(opened.room, opened.cursor)),
            ]
        )
    return opened


def _remove(member: Member, left: events.MemberLeft) -> Membership:
    room = member.room
    room.member_count = left.member_count
    room.save(update_fields=["member_count"])
    member.delete()
    publish_many([(room.stream, left), (user_stream(left.user_id), events.RoomRemoved(room.pk))])
    revoke_stream(room.stream, [left.user_id])
    return Membership(room.pk, left.user_id, left.member_count)


def _hand_over(room: Room) -> None:
    """Makes the longest-standing member the owner of a room that has none."""
    members = Member.objects.filter(room=room)
    if members.filter(role=Member.Role.OWNER).exists():
        return
    heir = members.order_by("joined_at", "id").first()
    if heir is not None:
        heir.role = Member.Role.OWNER
        heir.save(update_fields=["role"])
        _publish_change(room)


def _publish_change(room: Room) -> None:
    owners = Member.objects.filter(room=room, role=Member.Role.OWNER).order_by("user_id")
    owner_ids = list(owners.values_list("user_id", flat=True))
    publish(room.stream, events.RoomChanged(room.pk, room.name, room.topic, owner_ids))


def _opened(room: Room, user: User) -> Opened:
    """The room as `user` sees it, and a cursor from before it was read."""
    cursor = positions([room.stream])[room.stream]
    (seen,) = selectors.rooms_of(user.pk, [room.pk])
    return Opened(seen, cursor)


def _id(number: int) -> int:
    """`number`, where databases can compare it to an id; else one that nobody has."""
    return number if 0 < number <= MAX_ID else 0
