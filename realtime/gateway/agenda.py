"""Who has something to do, and when: so that the clock costs nothing for those who have nothing to do yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)

TICK_S = 0.5


class Agenda(Generic[T]):
    """Moments to the next half second, on a monotonic clock in seconds; each member has at most one."""

    def __init__(self, now: float) -> None:
        self._reached = _tick_of(now)
        self._members: defaultdict[int, set[T]] = defaultdict(set)
        self._tick: dict[T, int] = {}

    def put(self, member: T, due: float) -> None:
        """Its next moment is `due`, in place of any other."""
        self.forget(member)
        tick = max(_tick_of(due), self._reached) + 1  # not before `due`, and never in the past
        self._tick[member] = tick
        self._members[tick].add(member)

    def forget(self, member: T) -> None:
        """It has nothing to do any more. Nothing where it had nothing."""
        tick = self._tick.pop(member, None)
        if tick is not None:
            self._members[tick].discard(member)
            if not self._members[tick]:
                del self._members[tick]

    def take(self, now: float) -> list[T]:
        """Those whose moment has come, which they then have no longer."""
        begin, self._reached = self._reached, max(self._reached, _tick_of(now))
        found = [one for tick in range(begin + 1, self._reached + 1) for one in self._members.pop(tick, ())]
        for member in found:
            del self._tick[member]
        return found


def _tick_of(moment: float) -> int:
    return int(moment / TICK_S)
