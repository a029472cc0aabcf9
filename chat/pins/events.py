"""What rooms are told of pins."""

from __future__ import annotations

from chat.pins.payloads import Pin
from realtime import Struct, event


@event("chat.message_pinned")
class MessagePinned(Struct, frozen=True):
    """On room:<id>. The message is pinned; as everybody sees it, as of now."""

    pin: Pin


@event("chat.message_unpinned")
class MessageUnpinned(Struct, frozen=True):
    """On room:<id>."""

    id: int
    number: int
