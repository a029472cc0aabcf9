"""What rich text shows beside messages."""

from __future__ import annotations

from realtime import Struct


class OwnEmoji(Struct, frozen=True):
    """An emoji of this installation, written `:name:`."""

    name: str
    url: str  # of its picture, on this server
