"""What a saved message looks like to a client."""

from __future__ import annotations

from datetime import datetime

from chat.payloads import Message
from realtime import Struct


class SavedMessage(Struct, frozen=True):
    """`message` is as it is now; after a deletion a tombstone. `id` is the cursor of the next page."""

    id: int
    message: Message
    saved_at: datetime


class SavedPage(Struct, frozen=True):
    """A page of saved messages, the one saved last first. `has_more`: there are others, saved before."""

    items: list[SavedMessage]
    has_more: bool


class Keeping(Struct, frozen=True):
    """Whether a message is saved."""

    message: int
    saved: bool
