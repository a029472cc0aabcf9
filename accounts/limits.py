"""How many log-ins may fail. Counted in Redis for all processes; while Redis is away, in this process alone.

An account is limited per address, so that a stranger cannot lock its owner out; an address over all accounts.
"""

from __future__ import annotations

import hashlib
import time
from functools import cache

import limits
from django.conf import settings
from django.http import HttpRequest
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from accounts.errors import TooManyAttempts
from accounts.names import username_key

PER_ACCOUNT_AND_ADDRESS = limits.parse("10/5minutes")
PER_ADDRESS = limits.parse("100/5minutes")
SIGN_UPS_PER_ADDRESS = limits.parse("60/5minutes")
REDIS_REST_S = 5.0  # after an error Redis is left alone this long, so that log-ins do not all wait for it

Key = tuple[limits.RateLimitItem, tuple[str, ...]]


class Counter:
    """A moving window over Redis that goes on in memory when Redis does not answer."""

    def __init__(self, redis_url: str) -> None:
        # redis-py says unix://, this library redis+unix://.
        url = f"redis+{redis_url}" if redis_url.startswith("unix:") else redis_url
        shared: Storage = storage_from_string(
            url,
            wrap_exceptions=True,
            key_prefix="carillon:limits",
            socket_timeout=1,
            socket_connect_timeout=1,
        )  # type: ignore[assignment]
        self._shared = MovingWindowRateLimiter(shared)
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._shared_again_at = 0.0

    def hit(self, item: limits.RateLimitItem, *identifiers: str) -> bool:
        """Counts one; False when the limit was reached before."""
        if time.monotonic() >= self._shared_again_at:
            try:
                return self._shared.hit(item, *identifiers)
            except StorageError:
                self._shared_again_at = time.monotonic() + REDIS_REST_S
        return self._own.hit(item, *identifiers)

    def wait_s(self, item: limits.RateLimitItem, *identifiers: str) -> float:
        """How long until one more is allowed: 0 when it is allowed now."""
        if time.monotonic() >= self._shared_again_at:
            try:
                return _wait_s(self._shared, item, identifiers)
            except StorageError:
                self._shared_again_at = time.monotonic() + REDIS_REST_S
        return _wait_s(self._own, item, identifiers)


def _wait_s(
    limiter: MovingWindowRateLimiter, item: limits.RateLimitItem, identifiers: tuple[str, ...]
) -> float:
    window = limiter.get_window_stats(item, *identifiers)
    return 0.0 if window.remaining > 0 else max(1.0, window.reset_time - time.time())


@cache
def counter() -> Counter:
    return Counter(settings.REDIS_URL)


def address_of(request: HttpRequest) -> str:
    """The client's address. Behind a proxy the server puts the forwarded one there (`serve --behind-proxy`)."""
    return str(request.META.get("REMOTE_ADDR") or "unknown")


def refuse_when_exhausted(username: str, address: str) -> None:
    """Raises TooManyAttempts while too many log-ins of this account from there, or from there at all, failed."""
    wait_s = max(counter().wait_s(item, *key) for item, key in _failure_keys(username, address))
    if wait_s:
        raise TooManyAttempts(retry_after_ms=int(wait_s * 1000), retry_after=int(wait_s) + 1)


def count_failure(username: str, address: str) -> None:
    for item, key in _failure_keys(username, address):
        counter().hit(item, *key)


def count_sign_up(address: str) -> None:
    """Raises TooManyAttempts when too many accounts were made from there."""
    if not counter().hit(SIGN_UPS_PER_ADDRESS, "sign_up", address):
        wait_s = counter().wait_s(SIGN_UPS_PER_ADDRESS, "sign_up", address) or 1.0
        raise TooManyAttempts(retry_after_ms=int(wait_s * 1000), retry_after=int(wait_s) + 1)


def _failure_keys(username: str, address: str) -> list[Key]:
    # A digest, because anything at all may have been typed as a name.
    account = hashlib.sha256(username_key(username[:256]).encode(errors="replace")).hexdigest()[:32]
    return [
        (PER_ACCOUNT_AND_ADDRESS, ("log_in", account, address)),
        (PER_ADDRESS, ("log_in_from", address)),
    ]
