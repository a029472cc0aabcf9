"""Says whom the names in a text mean, and whether they may be told. Pure: what it must know is asked beforehand.

A name that nobody has stays plain text, as in "@property". So does one's own, as far as telling goes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from chat.errors import TooManyMentions
from chat.mentions.names import Named
from chat.models import Mention as MentionRow
from chat.payloads import Mention, NotReached
from realtime.rows import Row

# Also reserved in `accounts.names`.
_EVERYBODY = {"room": MentionRow.Kind.ROOM, "here": MentionRow.Kind.HERE}

ROW_COLUMNS = ("message_id", "room_id", "number", "kind", "user_id", "group_id", "thread_id")


@dataclass(frozen=True, slots=True)
class Group:
    """A group that the text may name; `may_mention`: the author may."""

    id: int
    member_count: int
    may_mention: bool


@dataclass(frozen=True, slots=True)
class Circle:
    """Whom a text in a room may name.

    `people`: by the key of the name, the ids of active users among the names; `members`: who of them is in the room;
    `may_address_all`: whether the author may, and None where it says nothing, in a direct conversation; `groups`: by
    the key of the name, those groups that no user has the name of.
    """

    people: Mapping[str, int]
    members: Collection[int]
    may_address_all: bool | None
    groups: Mapping[str, Group] = field(default_factory=dict)
    max_group_people: int = 0  # that the groups in one text may have together


def keys_of(names: Iterable[Named]) -> set[str]:
    """All that must be looked up."""
    return {reading.key for named in names for reading in named.readings}


def nobodys_keys(names: Iterable[Named], people: Collection[str]) -> set[str]:
    """Those that may be a group's: of names under which there is no user."""
    return {
        reading.key
        for named in names
        if not any(one.key in people or one.key in _EVERYBODY for one in named.readings)
        for reading in named.readings
    }


def resolved(text: str, names: Sequence[Named], circle: Circle) -> list[Mention]:
    """The mentions of a text, in its order. Raises TooManyMentions."""
    found = [mention for named in names if (mention := _resolved(text, named, circle)) is not None]
    _check_groups(found, circle.groups.values(), circle.max_group_people)
    return found


def mention_rows(
    message: int,
    room: int,
    number: int,
    author: int,
    mentions: Iterable[Mention],
    *,
    thread: int | None = None,
) -> list[Row]:
    """What is stored of a message's mentions, each once, as ROW_COLUMNS; the author's own name means nobody.

    `thread` is the root of the thread that alone shows the message.
    """
    reached = (
        (str(one.kind), one.user, one.group) for one in mentions if not one.refused and one.user != author
    )
    return [(message, room, number, *means, thread) for means in dict.fromkeys(reached)]


def meant(author: int, mentions: Iterable[Mention]) -> list[int]:
    """The people whom they mean by name, each once."""
    return list(
        dict.fromkeys(one.user for one in mentions if one.user not in (None, author) and not one.refused)
    )


def means(mentions: Iterable[Mention], user: int) -> bool:
    """Whether they mean that person for certain: by name, or as everybody; not by @here or a group."""
    return any(not one.refused and (one.kind == "room" or one.user == user) for one in mentions)


def not_reached(text: str, mentions: Sequence[Mention]) -> list[NotReached]:
    """What the author should know: each name once."""
    if not mentions:
        return []
    found = {NotReached(_written(text, one), one.user, one.refused): None for one in mentions if one.refused}
    return list(found)


def stored_form(mentions: Sequence[Mention]) -> str:
    """As a message keeps them; `payloads.mentions_loaded` reads it."""
    return msgspec.json.encode(mentions).decode() if mentions else "[]"


def _resolved(text: str, named: Named, circle: Circle) -> Mention | None:
    start = _utf16(text[: named.start])
    for reading in named.readings:
        length = _utf16(text[named.start : named.start + reading.length])
        if reading.key in _EVERYBODY and circle.may_address_all is not None:
            refused = "" if circle.may_address_all else "not_allowed"
            return Mention(start, length, _EVERYBODY[reading.key].value, None, refused)
        user = circle.people.get(reading.key)
        if user is not None:
            refused = "" if user in circle.members else "not_a_member"
            return Mention(start, length, "user", user, refused)
        group = circle.groups.get(reading.key)
        if group is not None and circle.may_address_all is not None:
            refused = "" if group.may_mention else "not_allowed"
            return Mention(start, length, "group", None, refused, group.id)
    return None


def _check_groups(mentions: Iterable[Mention], groups: Iterable[Group], most: int) -> None:
    """Raises TooManyMentions where the groups that a text reaches have more people together."""
    sizes = {group.id: group.member_count for group in groups}
    reached = {one.group for one in mentions if one.group is not None and not one.refused}
    people = sum(sizes.get(group, 0) for group in reached)
    if people > most:
        raise TooManyMentions(
            f"The groups in one message may have {most} people together, these have {people}.",
            max=most,
            got=people,
        )


def _written(text: str, mention: Mention) -> str:
    units = text.encode("utf-16-le")
    return units[2 * mention.start + 2 : 2 * (mention.start + mention.length)].decode("utf-16-le")


def _utf16(text: str) -> int:
    """How many UTF-16 code units the text has."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
