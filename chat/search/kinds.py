"""What messages may have (`has:link`) and be (`is:edited`): features declare theirs, the index keeps it.

    @has("invoice")
    def invoices(messages: Sequence[Message]) -> Collection[int]:
        return Invoice.objects.filter(message__in=messages).values_list("message_id", flat=True)

It is asked when messages are indexed, many at once, and again when one changes (`index.refresh`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence

from chat.models import Message
from chat.payloads import mentions_loaded

Finder = Callable[[Sequence[Message]], Collection[int]]

# Rooms are facts too, so that a word in one room is found by the index alone.
ROOM, AUTHOR, HAS, IS, MEANS = "=r", "=a", "=h", "=i", "=m"
EVERYBODY = f"{MEANS}all"

_ADDRESS = re.compile(r"\bhttps?://\S", re.IGNORECASE)
_has: dict[str, Finder] = {}
_is: dict[str, Finder] = {}


def has(name: str) -> Callable[[Finder], Finder]:
    """Registers what `has:<name>` finds: the ids of those messages that have it. At most one query."""
    return _registered(_has, name)


def state(name: str) -> Callable[[Finder], Finder]:
    """The same for `is:<name>`."""
    return _registered(_is, name)


def known_has() -> list[str]:
    return sorted(_has)


def known_states() -> list[str]:
    """Those that the index keeps; `selectors` knows two more, which depend on who asks."""
    return sorted(_is)


def facts_of(messages: Sequence[Message]) -> dict[int, list[str]]:
    """By message, what it can be found by beside its words."""
    facts: dict[int, list[str]] = defaultdict(list)
    for message in messages:
        facts[message.pk] = [f"{ROOM}{message.room_id}", f"{AUTHOR}{message.author_id}", *_means(message)]
    for prefix, finders in ((HAS, _has), (IS, _is)):
        for name, finder in finders.items():
            for pk in finder(messages):
                facts[pk].append(f"{prefix}{name}")
    return facts


def _means(message: Message) -> Iterable[str]:
    for mention in mentions_loaded(message.mentions):
        if not mention.refused and mention.kind in ("user", "room"):
            yield EVERYBODY if mention.user is None else f"{MEANS}{mention.user}"


def _registered(registry: dict[str, Finder], name: str) -> Callable[[Finder], Finder]:
    if not (name.isascii() and name.isalpha() and name.islower()):
        raise ValueError(f"{name!r} cannot be asked for: use lower case letters.")

    def register(finder: Finder) -> Finder:
        if registry.setdefault(name, finder) is not finder:
            raise ValueError(f"{name!r} is registered twice: rename one of them.")
        return finder

    return register


@has("link")
def links(messages: Sequence[Message]) -> Collection[int]:
    return [message.pk for message in messages if _ADDRESS.search(message.text)]


@has("mention")
def mentions(messages: Sequence[Message]) -> Collection[int]:
    return [message.pk for message in messages if message.mentions != "[]"]


@state("edited")
def edited(messages: Sequence[Message]) -> Collection[int]:
    return [message.pk for message in messages if message.edited_at is not None]
