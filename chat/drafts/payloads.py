"""What a draft looks like to a client."""

from __future__ import annotations

from datetime import datetime

from chat.files.payloads import File
from chat.files.waiting import files_in_draft
from chat.models import Draft as DraftRow
from realtime import Struct


class Draft(Struct, frozen=True):
    """`thread` is the id of its first message; null: in the room itself. Without text and files there is none."""

    room: int
    thread: int | None
    text: str  # up to 8000 characters, as it was typed
    version: int  # rises with each change, also over an end and a new beginning
    updated_at: datetime
    files: list[File] = []  # that wait for being sent with it

    @classmethod
    def of(cls, room: int, row: DraftRow) -> Draft:
        files = [File.of(one) for one in files_in_draft(row)]
        return cls(room, row.thread or None, row.text, row.version, row.updated_at, files)
