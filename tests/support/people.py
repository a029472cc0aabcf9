"""People and rooms for tests, made by the services that users reach."""

from __future__ import annotations

import itertools
from uuid import uuid4

from accounts.models import User
from chat import services

PASSWORD = "correct horse 42"
_counter = itertools.count(1)


def client_id() -> str:
    return uuid4().hex


def make_user(username: str = "", **fields: object) -> User:
    """A user whose password is PASSWORD."""
    return User.objects.create_user(username or f"user{next(_counter)}", password=PASSWORD, **fields)


def make_room(owner: User, *members: User, kind: str = "private", name: str = "") -> int:
    """The id of a room that `owner` owns, with `members` in it."""
    opened = services.room_create(
        user=owner, kind=kind, name=name or f"Room {next(_counter)}", topic="", client_id=client_id()
    )
    for member in members:
        services.room_invite(user=owner, room=opened.room.id, invited=member.pk, client_id=client_id())
    return opened.room.id


def make_direct(one: User, other: User) -> int:
    """The id of their direct room."""
    return services.direct_open(user=one, other=other.pk, client_id=client_id()).room.id
