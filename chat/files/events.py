"""The event of files, on `room:<id>`. Most of them come and go with their message."""

from __future__ import annotations

from chat.files.payloads import File
from realtime import Struct, event


@event("chat.files_changed")
class FilesChanged(Struct, frozen=True):
    """The files of a message are these now."""

    id: int
    number: int
    files: list[File]
