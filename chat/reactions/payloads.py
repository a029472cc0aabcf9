"""Answers about reactions."""

from __future__ import annotations

from accounts.payloads import Person
from chat.marks.payloads import Reaction
from realtime import Struct


class Reacted(Struct, frozen=True):
    """All reactions to a message, as in its payload."""

    message: int
    reactions: list[Reaction]


class Reactors(Struct, frozen=True):
    """Who reacted with an emoji: the first 100, in the order in which they did, of `count`."""

    emoji: str
    count: int
    people: list[Person]
