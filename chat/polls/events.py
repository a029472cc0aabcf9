"""What is told of polls."""

from __future__ import annotations

from chat.marks.payloads import PollInfo
from realtime import Struct, event


@event("chat.poll_changed")
class PollChanged(Struct, frozen=True):
    """On room:<id>. The poll of a message is this now; `mine` says nothing: everybody keeps their own."""

    id: int
    number: int
    poll: PollInfo


@event("chat.poll_voted")
class PollVoted(Struct, frozen=True):
    """On user:<id>. The user has chosen these answers, on one of their devices."""

    room: int
    id: int
    number: int
    options: list[int]
