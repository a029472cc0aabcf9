"""What people's statuses and read marks look like to a client."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.utils import timezone

from accounts.availability import availability_of
from accounts.models import User
from accounts.payloads import Person
from realtime import Struct


class Status(Struct, frozen=True):
    """What somebody says of themselves; nothing more after `until`."""

    user: int
    emoji: str
    text: str
    until: datetime | None

    @classmethod
    def of(cls, user: User) -> Status:
        over = user.status_until is not None and user.status_until <= timezone.now()
        if over:
            return cls(user.pk, "", "", None)
        return cls(user.pk, user.status_emoji, user.status_text, user.status_until)


class OwnStatus(Struct, frozen=True):
    """All that a person chose about how others see them."""

    availability: Literal["auto", "dnd", "invisible"]
    availability_until: datetime | None
    status: Status
    shows_reads: bool

    @classmethod
    def of(cls, user: User) -> OwnStatus:
        availability = availability_of(user)
        until = user.availability_until if availability != "auto" else None
        return cls(availability, until, Status.of(user), user.shows_reads)


class Receipt(Struct, frozen=True):
    """A member has read the room up to the message with this number; in direct rooms, has got what has this `seq`."""

    user: int
    read: int
    delivered: int


class Readers(Struct, frozen=True):
    """Who has read a message, but for its author: how many, and some of them."""

    count: int
    people: list[Person]
