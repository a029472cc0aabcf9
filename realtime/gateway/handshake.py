"""What a client brought at the door: origin, subprotocols, credentials. Pure over the ASGI scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from django.conf import settings
from django.http.cookie import parse_cookie

from realtime.errors import AuthInvalid, Forbidden, Invalid
from realtime.gateway.addresses import counted_address
from realtime.identity import Credentials

SUBPROTOCOL = "carillon.v1"
_BEARER = "bearer."
_TOKEN_PARAMETERS = ("token", "access_token", "access", "ticket", "jwt", "auth")


class OriginNotAllowed(Forbidden):
    code = "origin_not_allowed"
    message = "This origin may not open a socket: add it, exactly, to REALTIME_ORIGINS."


class UnsupportedSubprotocol(Invalid):
    code = "unsupported_protocol"
    message = f"The only subprotocol is {SUBPROTOCOL}."


class TokenInUrl(AuthInvalid):
    code = "token_in_url"
    message = "A token in the URL ends up in logs: send it in hello or in the Authorization header."


@dataclass(frozen=True, slots=True)
class Arrival:
    """A checked handshake. `problem` is what the client is told, in band, before the close.

    `address` is what the connection counts for; None for one of this machine.
    """

    credentials: Credentials
    subprotocol: str | None
    problem: AuthInvalid | None = None
    address: str | None = None


def read_handshake(scope: dict[str, Any], origins: Collection[str], *, same_origin: bool = False) -> Arrival:
    """The arrival of a client. Raises OriginNotAllowed and UnsupportedSubprotocol, which refuse the handshake.

    A page may come only from the listed origins. A WebSocket without an Origin header is no browser's: the
    session cookie is then not looked at, and a token is needed. `same_origin` is for plain HTTP, where a
    browser sends no Origin to its own server and lets no other page read the answer.
    """
    headers = _headers(scope)
    origin = headers.get(b"origin")
    if origin is not None and origin not in origins:
        raise OriginNotAllowed()
    subprotocol, offered_token = _subprotocol(scope.get("subprotocols", []))
    token = offered_token or _bearer(headers.get(b"authorization", ""))
    trust_cookie = origin is not None or same_origin
    session_key = _session_key(headers.get(b"cookie", "")) if trust_cookie else None
    problem = TokenInUrl() if _token_in_url(scope.get("query_string", b"")) else None
    return Arrival(
        Credentials(session_key=session_key, token=token), subprotocol, problem, _address(scope.get("client"))
    )


def _address(client: Sequence[Any] | None) -> str | None:
    return counted_address(str(client[0])) if client else None


def _headers(scope: dict[str, Any]) -> dict[bytes, str]:
    return {bytes(name).lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}


def _subprotocol(offered: Collection[str]) -> tuple[str | None, str | None]:
    if not offered:
        return None, None
    token = next((one[len(_BEARER) :] for one in offered if one.startswith(_BEARER)), None)
    if SUBPROTOCOL not in offered:
        raise UnsupportedSubprotocol(supported=[SUBPROTOCOL])
    return SUBPROTOCOL, token


def _bearer(header: str) -> str | None:
    scheme, _, value = header.partition(" ")
    return value.strip() or None if scheme.lower() == "bearer" else None


def _session_key(cookies: str) -> str | None:
    return parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME) or None


def _token_in_url(query: bytes) -> bool:
    parameters = parse_qs(unquote(query.decode("latin-1")), keep_blank_values=True)
    return any(name in parameters for name in _TOKEN_PARAMETERS)
