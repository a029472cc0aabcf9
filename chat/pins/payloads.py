"""What a pin looks like to a client."""

from __future__ import annotations

from datetime import datetime

from accounts.payloads import Person
from chat.models import Pin as PinRow
from chat.payloads import Message
from realtime import Struct


class Pin(Struct, frozen=True):
    """A pinned message, by whom and since when. `pinned_by` is null when that account is gone."""

    message: Message
    pinned_by: Person | None
    pinned_at: datetime

    @classmethod
    def of(cls, row: PinRow, message: Message) -> Pin:
        return cls(message, Person.of(row.pinned_by) if row.pinned_by else None, row.pinned_at)
