"""How often: a token bucket. The clock is the caller's."""

from __future__ import annotations


class TokenBucket:
    """`burst` at once, then `per_s` a second. Times are monotonic seconds."""

    __slots__ = ("_at", "_burst", "_per_s", "_tokens")

    def __init__(self, *, per_s: float, burst: float, now: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._tokens = burst
        self._at = now

    def take(self, now: float) -> bool:
        """Takes one token; False where there is none."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_s)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    @property
    def wait_ms(self) -> int:
        """How long until the next token."""
        return max(1, round((1 - self._tokens) / self._per_s * 1000))
