"""What `has:poll` finds."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from chat.marks.payloads import marks_loaded
from chat.models import Message
from chat.search.kinds import has


@has("poll")
def polls(messages: Sequence[Message]) -> Collection[int]:
    return [message.pk for message in messages if marks_loaded(message.marks).poll is not None]
