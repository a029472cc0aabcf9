"""What a message that is sent later looks like to its author."""

from __future__ import annotations

from datetime import datetime

from chat.models import Scheduled
from realtime import Struct


class ScheduledMessage(Struct, frozen=True):
    """`failure` is the sentence that says why it could not be sent, and "" as long as it waits."""

    id: int
    room: int
    text: str
    send_at: datetime
    failure: str

    @classmethod
    def of(cls, row: Scheduled) -> ScheduledMessage:
        return cls(row.pk, row.room_id, row.text, row.send_at, row.failure)
