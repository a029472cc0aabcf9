"""What rooms are told of acknowledgements."""

from __future__ import annotations

from chat.marks.payloads import AckInfo
from realtime import Struct, event


@event("chat.ack_changed")
class AckChanged(Struct, frozen=True):
    """On room:<id>. So many have acknowledged the message now; `user` is the last of them."""

    id: int
    number: int
    ack: AckInfo
    user: int
