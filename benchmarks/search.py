"""The highest rate that a server keeps up with: raised (or lowered) geometrically to a bracket, then bisected."""

from __future__ import annotations

from collections.abc import Callable

MAX_STEPS = 12
LEAST_RATE = 0.5


def highest(
    keeps_up: Callable[[float], bool], *, start: float, growth: float, precision: float
) -> float | None:
    """The highest rate found good; None when not even the least was. At most MAX_STEPS calls of `keeps_up`.

    `growth` is the factor of the first phase; the second ends when the bracket is within `precision` (0.08 is 8 %).
    """
    good: float | None = None
    bad: float | None = None
    rate = start
    for _ in range(MAX_STEPS):
        if keeps_up(rate):
            good = rate
        else:
            bad = rate
        if good is not None and bad is not None:
            if bad <= good * (1 + precision):
                break
            rate = (good * bad) ** 0.5
        elif bad is None:
            rate *= growth
        else:
            rate /= growth
            if rate < LEAST_RATE:
                break
    return good
