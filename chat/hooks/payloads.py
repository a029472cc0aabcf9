"""What webhooks look like to the owners of their room, and to the programs at their other end."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from chat.models import Hook as HookRow
from chat.payloads import Message
from realtime import Struct


class Hook(Struct, frozen=True):
    id: int
    room: int
    direction: Literal["incoming", "outgoing"]
    name: str
    bot: int  # the user as whom it speaks
    url: str  # of outgoing ones
    triggers: list[str]  # of outgoing ones: the first words of messages that it is told of; none: of all
    active: bool
    failure: str  # why an outgoing one is tried again later, or was switched off
    created_at: datetime
    used_at: datetime | None

    @classmethod
    def of(cls, row: HookRow) -> Hook:
        return cls(
            id=row.pk,
            room=row.room_id,
            direction=row.direction,  # type: ignore[arg-type]
            name=row.name,
            bot=row.bot_id,
            url=row.url,
            triggers=row.triggers.split(),
            active=row.active,
            failure=row.failure,
            created_at=row.created_at,
            used_at=row.used_at,
        )


class HookSecrets(Struct, frozen=True):
    """For the program at the other end. `token` and `path` are of incoming ones."""

    path: str
    secret: str
    token: str


class HookRemoved(Struct, frozen=True):
    hook: int


class Told(Struct, frozen=True):
    """The body of a request to an outgoing webhook."""

    type: Literal["chat.message_created"]
    timestamp: datetime
    data: Message


class Written(Struct, frozen=True):
    """What an incoming webhook is sent, and an outgoing one may answer: written into the room."""

    text: str = ""
