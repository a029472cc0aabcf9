"""What a message that is sent later looks like to its author."""

from __future__ import annotations

from datetime import datetime

from chat.files.payloads import File
from chat.models import Scheduled
from realtime import Struct


class ScheduledMessage(Struct, frozen=True):
    """`failure` is the sentence that says why it could not be sent, and "" as long as it waits. `thread`, `quote` and
    `also_in_room` are as `chat.message_send` takes them.
    """

    id: int
    room: int
    text: str
    send_at: datetime
    failure: str
    thread: int | None = None
    quote: int | None = None
    also_in_room: bool = False
    files: list[File] = []

    @classmethod
    def of(cls, row: Scheduled) -> ScheduledMessage:
        """One query, unless its uploads were read with it."""
        uploads = sorted(row.uploads.all(), key=lambda one: one.position)
        return cls(
            id=row.pk,
            room=row.room_id,
            text=row.text,
            send_at=row.send_at,
            failure=row.failure,
            thread=row.thread,
            quote=row.quote,
            also_in_room=row.also_in_room,
            files=[File.of(one) for one in uploads],
        )
