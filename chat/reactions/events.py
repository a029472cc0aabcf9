"""What rooms are told of reactions."""

from __future__ import annotations

from chat.marks.payloads import Reaction
from realtime import Struct, event


@event("chat.reactions_changed")
class ReactionsChanged(Struct, frozen=True):
    """On room:<id>. One emoji of a message is this now; with a count of 0 it is gone. A new one comes last.

    `user` put it there, or took it away (`added` is false): what a client knows of itself where `users` does not name
    everybody.
    """

    id: int
    number: int
    reaction: Reaction
    user: int
    added: bool
