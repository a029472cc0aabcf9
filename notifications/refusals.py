"""Who wants to hear nothing of somebody: said by apps that let people block each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

_refusals: list[Callable[[int, Sequence[int]], Collection[int]]] = []


def register_refusal(refusing: Callable[[int, Sequence[int]], Collection[int]]) -> None:
    """`refusing(actor_id, user_ids)` gives those of the users who want no notification that this person causes."""
    if refusing not in _refusals:
        _refusals.append(refusing)


def without_refusing(actor_id: int, user_ids: Sequence[int]) -> Sequence[int]:
    """Those of the users who may be told of what this person did. One query for each app that has a say."""
    for refusing in _refusals:
        out = set(refusing(actor_id, user_ids))
        user_ids = [user_id for user_id in user_ids if user_id not in out]
    return user_ids
