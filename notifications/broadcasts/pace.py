"""Not more people a second than an administrator has chosen, over all chunks, occurrences and workers of a broadcast.

When the next people may get it stands in the broadcast's own row, which every sender locks: so a worker that takes
over from another one keeps the pace as well.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from notifications.models import Broadcast

# A sender looks up at least so often: whether it was paused, whether all is stopped.
_LONGEST_PAUSE_S = 1.0


def chunk_size(broadcast: Broadcast, most: int) -> int:
    """How many people are one chunk: those of half a second, at most."""
    return min(most, max(1, broadcast.people_per_s // 2)) if broadcast.people_per_s else most


def pause_s(broadcast: Broadcast, now: datetime) -> float:
    """How long a sender waits before it looks again; 0 when the next people may get it."""
    if broadcast.paced_until is None:
        return 0.0
    return min(_LONGEST_PAUSE_S, max(0.0, (broadcast.paced_until - now).total_seconds()))


def paced_on(broadcast: Broadcast, people: int, now: datetime) -> None:
    """So many have got it at `now`. The caller holds the broadcast's lock."""
    if broadcast.people_per_s and people:
        begin = max(now, broadcast.paced_until or now)
        broadcast.paced_until = begin + timedelta(seconds=people / broadcast.people_per_s)
        Broadcast.objects.filter(pk=broadcast.pk).update(paced_until=broadcast.paced_until)
