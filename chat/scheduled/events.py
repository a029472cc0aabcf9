"""What a person's devices are told of what they send later."""

from __future__ import annotations

from typing import Literal

from chat.scheduled.payloads import ScheduledMessage
from realtime import Struct, event


@event("chat.schedule_changed")
class ScheduleChanged(Struct, frozen=True):
    """On user:<id>. A message that is sent later is new, was changed, or could not be sent."""

    scheduled: ScheduledMessage


@event("chat.schedule_ended")
class ScheduleEnded(Struct, frozen=True):
    """On user:<id>. It was sent, or its author cancelled it."""

    id: int
    outcome: Literal["sent", "cancelled"]
