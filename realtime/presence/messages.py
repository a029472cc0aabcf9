"""What presence says on the wire, and what it is asked."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from realtime.registry import UnknownStream, event

# What others see of somebody who is there. Invisible people are not.
Mode = Literal["online", "idle", "dnd"]


@event("presence.changed")
class PresenceChanged(Struct, frozen=True):
    """Transient. User ids in their new mode since the last one, and who went offline; how many are there now.

    `whole`: these are all, forget who was there before. `listed` false: so many are there that only their number is
    told, every few seconds; the lists are empty.
    """

    online: list[int]
    offline: list[int]
    idle: list[int]
    dnd: list[int]
    count: int
    listed: bool
    whole: bool


class Watch(Struct, frozen=True):
    """Arguments of `presence.watch` and `presence.unwatch`: a stream that this socket follows."""

    stream: str


class Update(Struct, frozen=True):
    """Arguments of `presence.update`: whether nobody has touched this device for a while."""

    idle: bool


class Online(Struct, frozen=True):
    """Result of `presence.watch`: the user ids that are there now, by mode; `presence.changed` follows."""

    online: list[int]
    idle: list[int]
    dnd: list[int]
    count: int
    listed: bool


class NotSubscribed(UnknownStream):
    code = "not_subscribed"
    message = "Subscribe to the stream first; its presence is for those who follow it."
