"""What the layer lost or refused, counted, so that nothing is dropped in silence."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

logger = logging.getLogger("realtime.layer")

WARN_EVERY_S = 10.0


@dataclass
class Counters:
    """Totals since the process started; read by metrics, never reset."""

    dropped_full: int = 0  # group messages for a channel whose queue was full
    dropped_expired: int = 0  # messages that nobody took within `expiry` seconds
    dropped_unreadable: int = 0  # messages that did not decode
    publish_dropped: int = 0  # publish_nowait while Redis was away or its queue full
    publish_failed: int = 0  # awaited publishes that ended in LayerUnavailable
    disconnects: int = 0  # subscriber connections lost


class Complaint:
    """A warning that is worth repeating, but not per message."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next_at = 0.0
        self._silent = 0

    def __call__(self, *args: object) -> None:
        now = time.monotonic()
        if now < self._next_at:
            self._silent += 1
            return
        more = f" ({self._silent} more like it)" if self._silent else ""
        self._next_at, self._silent = now + WARN_EVERY_S, 0
        logger.warning(self._text + "%s", *args, more)
