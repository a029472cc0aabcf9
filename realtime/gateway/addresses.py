"""How many connections one address has in this process: all of them, and those that have not said who they are.

One client may not take all the files of a process, nor a stranger many of them. Addresses of this machine are not
counted: there stands a proxy that does not tell whom it speaks for (`--behind-proxy` believes one that does).
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from ipaddress import ip_address, ip_network

from realtime import conf
from realtime.errors import LimitReached

_RETRY_AFTER_MS = 10_000
_IPV6_SITE_BITS = 64  # what one household or host is given


class TooManyFromAddress(LimitReached):
    code = "too_many_from_address"
    message = "Too many connections come from this address. Close some, or try again later."
    retry = True
    http_status = 429


class Addresses:
    """Counts by address. None is an address that is not counted."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._strangers: Counter[str] = Counter()

    def check(self, address: str | None) -> None:
        """Raises TooManyFromAddress where one more is too many."""
        if address is None:
            return
        for limit, counts in (
            ("MAX_SOCKETS_PER_ADDRESS", self._open),
            ("MAX_STRANGERS_PER_ADDRESS", self._strangers),
        ):
            if counts[address] >= conf.get(limit):
                raise TooManyFromAddress(retry_after_ms=_RETRY_AFTER_MS, **{limit.lower(): conf.get(limit)})

    def arrived(self, address: str | None) -> None:
        """A connection opened. Follow with `introduced` and `left`, or with `left` alone."""
        if address is not None:
            self._open[address] += 1
            self._strangers[address] += 1

    def introduced(self, address: str | None) -> None:
        """It said hello, and we know who it is."""
        _take(self._strangers, address)

    def left(self, address: str | None, *, stranger: bool) -> None:
        _take(self._open, address)
        if stranger:
            _take(self._strangers, address)


@lru_cache(maxsize=4096)
def counted_address(text: str) -> str | None:
    """The address, or the IPv6 network, that a connection counts for; None where it counts for nobody."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_loopback:
        return None
    if address.version == 6:
        return str(ip_network((address, _IPV6_SITE_BITS), strict=False))
    return str(address)


def _take(counts: Counter[str], address: str | None) -> None:
    if address is None:
        return
    counts[address] -= 1
    if counts[address] <= 0:
        del counts[address]
