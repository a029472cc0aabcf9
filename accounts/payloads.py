"""What accounts look like to a client."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from accounts.models import Device as DeviceRow
from accounts.models import User
from realtime import Struct


class Person(Struct, frozen=True):
    """Anybody, as everybody may see them."""

    id: int
    username: str
    display_name: str
    bot: bool = False

    @classmethod
    def of(cls, user: User) -> Person:
        return cls(user.id, user.username, user.display_name, user.is_bot)


class Me(Struct, frozen=True):
    """The user who asks."""

    id: int
    username: str
    display_name: str
    is_staff: bool
    is_guest: bool = False

    @classmethod
    def of(cls, user: User) -> Me:
        return cls(user.pk, user.username, user.display_name, user.is_staff, user.is_guest)


class SessionState(Struct, frozen=True):
    user: Me | None


class Device(Struct, frozen=True):
    id: int
    name: str
    kind: Literal["browser", "token", "bot"]
    created_at: datetime
    last_seen_at: datetime
    current: bool

    @classmethod
    def of(cls, device: DeviceRow, *, current_session: str) -> Device:
        return cls(
            device.pk,
            device.name,
            device.kind,  # type: ignore[arg-type]
            device.created_at,
            device.last_seen_at,
            device.session == current_session,
        )


class Tokens(Struct, frozen=True):
    access: str
    refresh: str
    expires_in_s: int
    device_id: int
