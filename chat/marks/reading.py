"""Messages as one reader sees them: with what is their own among the marks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from msgspec import structs

from chat.marks.payloads import AckInfo, Reaction
from chat.models import Ack, Vote
from chat.models import Reaction as ReactionRow
from chat.payloads import Message

M = TypeVar("M", Reaction, AckInfo)


def seen_by(user_id: int, messages: Sequence[Message]) -> list[Message]:
    """The messages with the reader's own votes, and the reader first among those whom their marks name.

    A query for votes where there are polls; one more for reactions, and one for acknowledgements, that are too many
    to name everybody. None for anything else.
    """
    polls = [message.id for message in messages if message.poll is not None]
    crowded = [message.id for message in messages if any(_hides(user_id, one) for one in message.reactions)]
    signed = [message.id for message in messages if message.ack and _hides(user_id, message.ack)]
    if not (polls or crowded or signed or any(_names(user_id, message) for message in messages)):
        return list(messages)
    votes = _votes(user_id, polls)
    mine = _pairs(user_id, crowded)
    acknowledged = _acknowledged(user_id, signed)

    def seen(message: Message) -> Message:
        def reacted(one: Reaction) -> bool:
            return user_id in one.users or (message.id, one.emoji) in mine

        ack, poll = message.ack, message.poll
        return structs.replace(
            message,
            reactions=[_first(user_id, one, reacted) for one in message.reactions],
            ack=ack and _first(user_id, ack, lambda one: user_id in one.users or message.id in acknowledged),
            poll=poll and structs.replace(poll, mine=votes[message.id]),
        )

    return [seen(message) for message in messages]


def _hides(user_id: int, mark: Reaction | AckInfo) -> bool:
    """Whether the reader may be among those whom it does not name."""
    return mark.count > len(mark.users) and user_id not in mark.users


def _names(user_id: int, message: Message) -> bool:
    marks = [*message.reactions, *([message.ack] if message.ack else [])]
    return any(user_id in one.users for one in marks)


def _first(user_id: int, mark: M, mine: Callable[[M], bool]) -> M:
    if not mine(mark):
        return mark
    others = [one for one in mark.users if one != user_id]
    return structs.replace(mark, users=[user_id, *others][: len(mark.users)])


def _votes(user_id: int, message_ids: Collection[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    if message_ids:
        chosen = Vote.objects.filter(user_id=user_id, poll_id__in=message_ids).order_by("option")
        for message_id, option in chosen.values_list("poll_id", "option"):
            found[message_id].append(option)
    return found


def _pairs(user_id: int, message_ids: Collection[int]) -> set[tuple[int, str]]:
    if not message_ids:
        return set()
    rows = ReactionRow.objects.filter(user_id=user_id, message_id__in=message_ids)
    return set(rows.values_list("message_id", "emoji"))


def _acknowledged(user_id: int, message_ids: Collection[int]) -> set[int]:
    if not message_ids:
        return set()
    rows = Ack.objects.filter(user_id=user_id, message_id__in=message_ids)
    return set(rows.values_list("message_id", flat=True))
