"""Whose turn it is: in which order a worker asks its queues on Redis (kombu's `queue_order_strategy`)."""

from __future__ import annotations

from collections.abc import Iterable

from kombu.utils.scheduling import round_robin_cycle

from realtime.workers.queues import URGENT

URGENT_IN_A_ROW = 10


class UrgentFirst(round_robin_cycle):  # type: ignore[misc]
    """Urgent tasks first, and after ten in a row one of each other queue, if there is any.

    Urgent tasks take milliseconds and expire; a slice of a bulky job takes seconds. Served in turn, a worker with one
    slot would let most ticks expire while a job runs; served strictly first, ticks could take all of a slow machine.
    """

    def __init__(self, it: Iterable[str] | None = None) -> None:
        super().__init__(it)
        self._urgent_in_a_row = 0

    def consume(self, n: int) -> list[str]:
        """The queues, the one to be asked first in front."""
        urgent_leads = self._urgent_in_a_row < URGENT_IN_A_ROW
        return sorted(super().consume(n), key=lambda queue: (queue == URGENT) is not urgent_leads)

    def rotate(self, last_used: str) -> str:
        """Told which queue had a message."""
        self._urgent_in_a_row = self._urgent_in_a_row + 1 if last_used == URGENT else 0
        return str(super().rotate(last_used))
