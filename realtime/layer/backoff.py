"""How long to wait before the next attempt."""

from __future__ import annotations

import random

FIRST_S = 0.05
LONGEST_S = 0.5  # with the second that an attempt may take, within two of Redis's return


class Backoff:
    """Doubles from 50 ms to half a second, with jitter so that processes do not come back in step."""

    def __init__(self) -> None:
        self._step_s = FIRST_S

    def next_s(self) -> float:
        step_s, self._step_s = self._step_s, min(self._step_s * 2, LONGEST_S)
        return step_s * random.uniform(0.5, 1.0)  # noqa: S311  (spreads load, guards nothing)

    def reset(self) -> None:
        self._step_s = FIRST_S
