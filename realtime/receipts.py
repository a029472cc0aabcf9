"""Delivery receipts: whose clients have applied an event, for features that ask for it.

    @receipts_for(NotificationCreated)
    def delivered(receipts: Sequence[DeliveryReceipt]) -> None: ...

They come from the `seen` of pongs (`gateway.receipts`), so as late as the next one (PING_INTERVAL_S). A receipt may
come twice, and is lost where the process dies right after the pong.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """These users' clients have applied that event, or start from a snapshot that is newer."""

    event: Any
    user_ids: Collection[int]


Told = Callable[[Sequence[DeliveryReceipt]], None]
T = TypeVar("T", bound=Told)


@dataclass(frozen=True, slots=True)
class Asked:
    """The class of an event, and who is told of its receipts."""

    event: Any
    told: Told


_asked: dict[str, Asked] = {}


def receipts_for(event: Any) -> Callable[[T], T]:
    """Registers a function for the receipts of a durable event. It runs in a database thread, and bears repetitions."""

    def register(told: T) -> T:
        if _asked.setdefault(event.event_name, Asked(event, told)).told is not told:
            raise ValueError(f"The receipts of {event.event_name!r} are asked for twice.")
        return told

    return register


def asked_for() -> dict[str, Asked]:
    """By the name of the event."""
    return _asked
