"""What commands and their results look like to a client."""

from __future__ import annotations

from chat.payloads import Sent
from realtime import Struct


class SlashCommand(Struct, frozen=True):
    name: str
    usage: str
    description: str


class SlashResult(Struct, frozen=True):
    """What came of it: an answer for the user alone, or the message that was sent in their name; or neither."""

    whisper: str
    sent: Sent | None
