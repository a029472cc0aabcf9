"""The events of statuses and receipts."""

from __future__ import annotations

from chat.presence.payloads import OwnStatus, Status
from realtime import Struct, event

# On user:<id> ------------------------------------------------------------------------------------------


@event("chat.own_status_changed")
class OwnStatusChanged(Struct, frozen=True):
    """What the user chose, on whatever device."""

    own: OwnStatus


# On room:<id>, transient -------------------------------------------------------------------------------


@event("chat.status_changed")
class StatusChanged(Struct, frozen=True):
    """Transient. What a member says of themselves now; `/statuses` tells all of them."""

    status: Status


@event("chat.read_by")
class ReadBy(Struct, frozen=True):
    """Transient. A member has read the room up to here; `/rooms/<id>/receipts` tells all of them."""

    room: int
    user: int
    number: int


@event("chat.delivered")
class Delivered(Struct, frozen=True):
    """Transient, in direct rooms. A device of the member has got the room's stream up to here."""

    room: int
    user: int
    seq: int
