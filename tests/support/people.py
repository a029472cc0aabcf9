"""People and rooms for tests, made by the services that users reach, but for who else is in a room."""

from __future__ import annotations

import itertools
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from accounts.models import Device, User
from chat import sending, services
from chat.models import GroupMember, Member, Room, UserGroup
from chat.payloads import Sent
from chat.text import name_key
from realtime.log.models import Log, Stream

PASSWORD = "correct horse 42"
_counter = itertools.count(1)


def client_id() -> str:
    return uuid4().hex


def make_user(username: str = "", **fields: object) -> User:
    """A user whose password is PASSWORD."""
    return User.objects.create_user(username or f"user{next(_counter)}", password=PASSWORD, **fields)


def make_room(owner: User, *members: User, kind: str = "private", name: str = "") -> int:
    """The id of a room that `owner` owns, with `members` in it.

    Written as rows, with a stream that nothing was said on: half of the unit tests' time went into making rooms.
    """
    name = name or f"Room {next(_counter)}"
    public = kind == Room.Kind.PUBLIC
    room = Room.objects.create(
        kind=kind, name=name, name_key=name_key(name) if public else None, member_count=1 + len(members)
    )
    Stream.objects.create(name=room.stream, epoch=Log.current_epoch())
    roles = Member.Role
    Member.objects.bulk_create(
        [
            Member(room=room, user=owner, role=roles.OWNER),
            *(
                Member(room=room, user=member, role=roles.GUEST if member.is_guest else roles.MEMBER)
                for member in members
            ),
        ]
    )
    return room.pk


def make_direct(one: User, *others: User) -> int:
    """The id of their direct room."""
    ids = [other.pk for other in others]
    return services.direct_open(user=one, others=ids, client_id=client_id()).room.id


def make_group(name: str, *members: User, mentioned_by: str = "everybody") -> int:
    """The id of a group of people that messages can mention."""
    group = UserGroup.objects.create(name=name, mentioned_by=mentioned_by, member_count=len(members))
    GroupMember.objects.bulk_create(GroupMember(group=group, user=member) for member in members)
    return group.pk


def log_in_of(user: User, name: str = "Browser") -> Device:
    """A log-in of that person, as if by a browser."""
    return Device.objects.create(
        user=user,
        kind=Device.Kind.BROWSER,
        name=name,
        credentials_version=user.credentials_version,
        expires_at=timezone.now() + timedelta(days=14),
    )


def say(author: User, room: int, *texts: str) -> list[int]:
    """The ids of these messages."""
    sends = [sending.Send(author, room, text, client_id()) for text in texts]
    return [sent.message for sent in sending.message_send_promptly(sends) if isinstance(sent, Sent)]
