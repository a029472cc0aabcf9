"""What may be written at all: the hook for filters, applied to messages, edits, names of rooms and of people.

    # shop/message_filters.py, found in every installed app
    @message_filter
    def no_card_numbers(written: Written) -> Verdict:
        return Refuse("Do not write card numbers here.") if CARD.search(written.text) else ALLOW

A filter gets the text when it is otherwise in order, and says what becomes of it. It runs for every message, on the
path that stores them: it must answer within microseconds, from memory. The setting MESSAGE_FILTERS names further ones
by their dotted paths, which run first; what is shipped is the list of words in the admin (`words`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

from chat.moderation.errors import FilterFailed, TextRefused
from realtime import RealtimeError

logger = logging.getLogger(__name__)

SHIPPED = ("chat.moderation.words.listed_words",)

Place = Literal["message", "edit", "room_name", "person_name"]


@dataclass(frozen=True, slots=True)
class Written:
    """A text on its way. `author` is the User, None where a name is chosen; `room` is an id, None for a new one."""

    text: str
    place: Place
    author: Any
    room: int | None


@dataclass(frozen=True, slots=True)
class Allow:
    """The text is right as it is."""


@dataclass(frozen=True, slots=True)
class Replace:
    """This is said instead; the next filter gets it."""

    text: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A moderator decides, and sees why. Edits and names cannot wait, and are refused."""

    why: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Not here; the sentence tells the author what to change."""

    sentence: str


Verdict = Allow | Replace | Hold | Refuse
Filter = Callable[[Written], Verdict]
F = TypeVar("F", bound=Filter)

ALLOW = Allow()

_declared: list[Filter] = []


@dataclass(frozen=True, slots=True)
class Passed:
    """What is to be stored, and, where it is not "", why a moderator is to see it before."""

    text: str
    hold: str = ""


def message_filter(declared: F) -> F:
    """Has every text pass this filter, after those that the setting names."""
    if declared not in _declared:
        _declared.append(declared)
    return declared


def forget_filter(declared: Filter) -> None:
    """For tests: undoes `message_filter`."""
    _declared.remove(declared)


def passed(text: str, place: Place, author: Any, room: int | None) -> Passed:
    """What the filters make of a text. Raises TextRefused, FilterFailed."""
    hold = ""
    for one in (*_named(tuple(_setting())), *_declared):
        match _asked(one, Written(text, place, author, room)):
            case Replace(text=text):
                pass
            case Hold(why=why):
                hold = hold or why or "held"
            case Refuse(sentence=sentence):
                raise TextRefused(sentence or None)
    if hold and place != "message":
        raise TextRefused()
    return Passed(text, hold)


def checked_name(author: Any, room: int | None, name: str) -> str:
    """The name or topic of a room as the filters let it be. Raises TextRefused, FilterFailed."""
    return passed(name, "room_name", author, room).text if name else name


def _asked(one: Filter, written: Written) -> Verdict:
    try:
        return one(written)
    except RealtimeError:
        raise
    except Exception as error:
        # Of a filter that is broken nobody knows what it would have let through.
        logger.exception("The message filter %r failed.", getattr(one, "__name__", one))
        raise FilterFailed() from error


def _setting() -> Sequence[str]:
    return getattr(settings, "MESSAGE_FILTERS", SHIPPED)


@lru_cache(maxsize=16)
def _named(paths: tuple[str, ...]) -> tuple[Filter, ...]:
    return tuple(import_string(path) for path in paths)
