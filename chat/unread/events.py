"""What a person's devices are told when their read mark goes back."""

from __future__ import annotations

from realtime import Struct, event


@event("chat.room_unread")
class RoomUnread(Struct, frozen=True):
    """On user:<id>. The user has read the room up to `number` and no further, as of its message `unread_as_of`.

    `mentioned` are the unread mentions up to there. A mark that is beyond `unread_as_of` already stays: they have read,
    or written, what came later.
    """

    room: int
    number: int
    mentioned: list[int]
    unread_version: int
    unread_as_of: int
    hidden: int = 0  # how many messages up to `number` the timeline does not show
