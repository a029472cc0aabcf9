"""What a person's devices are told of what they save."""

from __future__ import annotations

from realtime import Struct, event


@event("chat.saved_changed")
class SavedChanged(Struct, frozen=True):
    """On user:<id>. Whether this message is saved. What it says is asked when it is shown."""

    message: int
    saved: bool
