"""HTTP requests to addresses that people gave: into no private network, after no redirect, in bounded time and size.

A name is resolved once, and the connection made to an address that was checked: a name that answers otherwise the
second time gains nothing. The setting OUTBOUND_ALLOW lists networks that may be reached all the same, and by http.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import httpcore2
from django.conf import settings

from notifications.channels.base import Outcome, Refused, Retry, Sent
from notifications.conf import ENDPOINT_MAX_CHARS, numbers
from notifications.errors import BadEndpoint, UnknownHost

_GLOBAL_UNICAST = ip_network("2000::/3")  # of IPv6; NAT64, mapped and unique local addresses lie outside
_MAX_RETRY_AFTER_S = 24 * 3600
_WAIT_AND_TRY = frozenset({408, 425, 429})
_WEB_PORTS = frozenset({None, 80, 443})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said. `headers` by lower-case name; `body` is cut."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class Unreachable(Exception):
    """No whole answer came, in time."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: where to connect, in this order."""

    url: str
    addresses: Sequence[str]


def checked_target(url: str, *, web: bool = False) -> Target:
    """Raises BadEndpoint for what must not be reached, UnknownHost where its name cannot be resolved.

    `web` is for pages of the public web: by http too, and only where the web is served.
    """
    if not (len(url) <= ENDPOINT_MAX_CHARS and url.isascii() and url.isprintable() and " " not in url):
        raise BadEndpoint(f"An address has at most {ENDPOINT_MAX_CHARS} visible ASCII characters.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadEndpoint from None
    if parts.scheme not in {"https", "http"} or not host or port == 0 or "\\" in url:
        raise BadEndpoint
    if "@" in parts.netloc:
        raise BadEndpoint("An address carries no user name or password.")
    addresses = _resolved(host)
    if not all(_is_allowed(address) for address in addresses):
        if parts.scheme != "https" and not web:
            raise BadEndpoint
        if web and port not in _WEB_PORTS:
            raise BadEndpoint("Pages are fetched from the ports 80 and 443 only.")
        if not all(_is_public(address) for address in addresses):
            raise BadEndpoint(f"{host} lies in a private or reserved network.")
    return Target(url, [str(address) for address in addresses])


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """One POST. Raises what `checked_target` raises, and Unreachable."""
    return _request("POST", checked_target(url), headers, body)


def get(url: str, headers: Mapping[str, str], *, max_bytes: int | None = None) -> Answer:
    """One GET, whose answer is cut to `max_bytes`. Raises what `checked_target` raises, and Unreachable."""
    return _request("GET", checked_target(url), headers, None, max_bytes=max_bytes)


def get_from_web(url: str, headers: Mapping[str, str], *, max_bytes: int, timeout_s: float) -> Answer:
    """One GET of something on the public web, of which no more than `max_bytes` are read. Raises as `get` does.

    A redirect is an answer like any other: whoever follows it asks again, and is checked again.
    """
    target = checked_target(url, web=True)
    return _request("GET", target, headers, None, max_bytes=max_bytes, timeout_s=timeout_s)


def _request(
    method: str,
    target: Target,
    headers: Mapping[str, str],
    body: bytes | None,
    *,
    max_bytes: int | None = None,
    timeout_s: float | None = None,
) -> Answer:
    url = target.url
    ends_at = time.monotonic() + (timeout_s or numbers().outbound_timeout_s)
    with httpcore2.ConnectionPool(
        ssl_context=_tls(), network_backend=_Pinned(target.addresses, ends_at)
    ) as pool:
        try:
            with pool.stream(method, url, headers=list(headers.items()), content=body) as response:
                received = _bounded(response.iter_stream(), max_bytes or numbers().max_answer_bytes)
                named = {
                    name.decode("ascii").lower(): value.decode("latin-1") for name, value in response.headers
                }
                return Answer(response.status, named, received)
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise Unreachable(f"{urlsplit(url).netloc}: {str(error) or type(error).__name__}") from error


def outcome_of(answer: Answer) -> Outcome:
    """What an answer means for a message, where the other side has no meanings of its own."""
    if answer.ok:
        return Sent(answer.headers.get("location", ""))
    reason = f"answered {answer.status}"
    if answer.status in _WAIT_AND_TRY or answer.status >= 500:
        return Retry(reason, after_s=retry_after_s(answer.headers.get("retry-after", "")))
    return Refused(reason)


def unsent(error: Unreachable | BadEndpoint) -> Outcome:
    """What it means that no answer came, or that nothing was asked."""
    if isinstance(error, (Unreachable, UnknownHost)):
        return Retry(str(error))
    return Refused(str(error))


def retry_after_s(value: str) -> float | None:
    """The seconds of a Retry-After header, given as such or as a date (RFC 9110, 10.2.3), at most a day."""
    if value.isascii() and value.isdigit():
        seconds = float(value[:9])
    else:
        try:
            at = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError):
            return None
        seconds = (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(0.0, seconds), float(_MAX_RETRY_AFTER_S))


def _resolved(host: str) -> list[IPv4Address | IPv6Address]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UnknownHost(f"There is no host {host[:100]}.") from None
    # A zone such as %eth0 follows link-local addresses only.
    return list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and (
        address not in _GLOBAL_UNICAST or address.sixtofour is not None or address.teredo is not None
    ):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_allowed(address: IPv4Address | IPv6Address) -> bool:
    return any(address in ip_network(network) for network in settings.OUTBOUND_ALLOW)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """The machine's certificates, read once: reading them takes longer than a request."""
    return httpcore2.default_ssl_context()


def _bounded(chunks: Iterable[bytes], most: int) -> bytes:
    received = b""
    for chunk in chunks:
        received += chunk
        if len(received) >= most:
            break
    return received[:most]


class _Pinned(httpcore2.NetworkBackend):
    """Connects to the first of the checked addresses that answers, whatever the name means by now."""

    def __init__(self, addresses: Sequence[str], ends_at: float) -> None:
        self._addresses = addresses
        self._ends_at = ends_at
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        failure: Exception = httpcore2.ConnectError(f"no address of {host}")
        for number, address in enumerate(self._addresses):
            share = _left(self._ends_at, httpcore2.ConnectTimeout) / (len(self._addresses) - number)
            try:
                stream = self._inner.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _InTime(stream, self._ends_at)
        raise failure


class _InTime(httpcore2.NetworkStream):
    """A connection whose reads and writes all together end at one time: a trickle of bytes does not prolong it."""

    def __init__(self, stream: httpcore2.NetworkStream, ends_at: float) -> None:
        self._stream = stream
        self._ends_at = ends_at

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._ends_at, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._ends_at, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left_s = _left(self._ends_at, httpcore2.ConnectTimeout)
        return _InTime(self._stream.start_tls(ssl_context, server_hostname, left_s), self._ends_at)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(ends_at: float, late: type[httpcore2.TimeoutException]) -> float:
    left_s = ends_at - time.monotonic()
    if left_s <= 0:
        raise late("no whole answer in time")
    return left_s
