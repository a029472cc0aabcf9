"""Answers about polls."""

from __future__ import annotations

from accounts.payloads import Person
from chat.marks.payloads import PollInfo
from realtime import Struct


class Voted(Struct, frozen=True):
    """The poll of a message, as the caller sees it."""

    message: int
    poll: PollInfo


class Voters(Struct, frozen=True):
    """Who chose an answer: the first 100, in the order in which they did, of `votes`."""

    option: int
    votes: int
    people: list[Person]
