"""Answers about acknowledgements."""

from __future__ import annotations

from datetime import datetime

from accounts.payloads import Person
from chat.marks.payloads import AckInfo
from realtime import Struct


class Acknowledged(Struct, frozen=True):
    """A message that the caller has acknowledged."""

    message: int
    ack: AckInfo


class AckGiven(Struct, frozen=True):
    person: Person
    at: datetime


class AckList(Struct, frozen=True):
    """Who has acknowledged a message: the first 200, of `count`.

    `missing` are the members who have not, for the author of the message; null for others, and in rooms with more than
    200 members. `reminders` were sent to them so far; the next one comes at `remind_at`, if it is not null.
    """

    count: int
    given: list[AckGiven]
    missing: list[Person] | None
    reminders: int
    remind_at: datetime | None
