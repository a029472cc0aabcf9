"""How people want to be seen: read from the account when a socket opens, told to all processes when it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from channels.layers import get_channel_layer

# As it is; "do not disturb"; or as if not there.
Availability = Literal["auto", "dnd", "invisible"]

PROCESSES = "presence"

_readers: list[Callable[[Any], Availability]] = []


def availability(read: Callable[[Any], Availability]) -> Callable[[Any], Availability]:
    """Registers the one function that says how a user wants to be seen, from the row alone: it asks no database."""
    if _readers and _readers[0] is not read:
        raise ValueError("Two functions say how people want to be seen: register one.")
    _readers[:] = [read]
    return read


def availability_of(user: Any) -> Availability:
    """`auto` where nobody registered anything else."""
    return _readers[0](user) if _readers else "auto"


def availability_changed(user_id: int, chosen: Availability) -> None:
    """From a thread, after the commit: shows the user so from now on, wherever they are connected.

    While Redis is away other processes learn it from the account, when the user's next socket opens there.
    """
    layer: Any = get_channel_layer()
    layer.publish_nowait(
        PROCESSES, {"type": "presence.availability", "user": user_id, "availability": chosen}
    )
