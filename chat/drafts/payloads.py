"""What a draft looks like to a client."""

from __future__ import annotations

from datetime import datetime

from chat.models import Draft as DraftRow
from realtime import Struct


class Draft(Struct, frozen=True):
    """`thread` is the id of its first message; null: in the room itself. An empty text: there is no draft any more."""

    room: int
    thread: int | None
    text: str  # up to 8000 characters, as it was typed
    version: int  # rises with each change, also over an end and a new beginning
    updated_at: datetime

    @classmethod
    def of(cls, room: int, row: DraftRow) -> Draft:
        return cls(room, row.thread or None, row.text, row.version, row.updated_at)
