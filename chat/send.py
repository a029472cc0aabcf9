"""A message that is to be stored, as the parts of sending hand it to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from chat.marks.payloads import NO_MARKS, Marks
from chat.mentions.names import Named
from chat.richtext.rendering import NOTHING_TO_RENDER, Draft
from chat.threads.payloads import Forwarded

SendKey = tuple[int, str]  # author, client_id


@dataclass(frozen=True, slots=True)
class Send:
    """One message that somebody wants to send. Where it is `forwarded`, its text names nobody."""

    author: User
    room: int
    text: str
    client_id: str
    names: Sequence[Named] = ()  # in the text; found when it is checked
    marks: Marks = NO_MARKS  # what it has from the beginning: a poll, a request to acknowledge it
    draft: Draft = NOTHING_TO_RENDER  # of its HTML; made then, too
    files: Sequence[int] = ()  # uploads of the author's
    hold: str = ""  # why a moderator is to see it first; said when it is checked
    approved: bool = False  # a moderator has: neither filters nor rules keep it back
    quote: int | None = None  # the id of a message of the room
    thread: int | None = None  # the id of its root, or of another reply
    also_in_room: bool = False  # a reply that the room's timeline shows too
    forwarded: Forwarded | None = None

    @property
    def key(self) -> SendKey:
        return self.author.id, self.client_id

    @property
    def membership(self) -> tuple[int, int]:
        return self.author.id, self.room
