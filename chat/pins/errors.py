"""The expected errors of pins."""

from __future__ import annotations

from realtime import Forbidden, LimitReached


class MayNotPin(Forbidden):
    code = "may_not_pin"
    message = "You may not pin messages in this room, nor take pins away."


class TooManyPins(LimitReached):
    code = "too_many_pins"
    message = "This room has as many pinned messages as a room can have: take one away first."
    retry = False
