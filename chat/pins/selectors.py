"""What is pinned."""

from __future__ import annotations

from chat.conf import numbers
from chat.marks.reading import seen_by
from chat.models import Pin
from chat.pins.payloads import Pin as PinPayload
from chat.policies import room_for_reading
from chat.threads.showing import SHOWN_WITH, shown


def pins_of(user_id: int, room_id: int) -> list[PinPayload]:
    """The pinned messages of a room, the one pinned last first. Two queries, and those of `shown` and `seen_by`.

    One that was deleted is not among them. Raises RoomNotFound.
    """
    room_for_reading(user_id, room_id)
    pins = Pin.objects.filter(room_id=room_id, message__deleted_at=None)
    rows = list(
        pins.select_related(*(f"message__{one}" for one in SHOWN_WITH), "pinned_by").order_by(
            "-pinned_at", "-pk"
        )[: numbers().max_pins]
    )
    messages = seen_by(user_id, shown([row.message for row in rows]))
    return [PinPayload.of(row, message) for row, message in zip(rows, messages, strict=True)]
