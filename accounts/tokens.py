"""Access and refresh tokens as strings: made and read. Knows neither rows nor requests.

An access token is signed, lasts 15 minutes and names its user, device and the version of the user's credentials.
A refresh token is signed too, so that an old one is recognised as *used*, which a forged one never is.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any

from django.core import signing

from realtime import AuthExpired, AuthInvalid

ACCESS_LIFETIME_S = 15 * 60
REFRESH_LIFETIME_S = 60 * 24 * 3600
MAX_TOKEN_CHARACTERS = 1024

_ACCESS = "accounts.access"
_REFRESH = "accounts.refresh"


@dataclass(frozen=True, slots=True)
class Access:
    user_id: int
    device_id: int
    version: str
    expires_at: float  # Unix seconds


def access_token(*, user_id: int, device_id: int, version: str) -> str:
    expires_at = int(time.time()) + ACCESS_LIFETIME_S
    return signing.dumps([user_id, device_id, version, expires_at], salt=_ACCESS)


def access_from(token: str) -> Access:
    """Raises AuthInvalid for anything we did not sign, AuthExpired for what is over."""
    access = Access(*_signed(token, salt=_ACCESS))
    if access.expires_at <= time.time():
        raise AuthExpired()
    return access


def refresh_token(device_id: int) -> str:
    return signing.dumps([device_id, secrets.token_urlsafe(24)], salt=_REFRESH)


def device_of_refresh(token: str) -> int:
    """The device that a refresh token was made for. Raises AuthInvalid for anything we did not sign."""
    device_id, _ = _signed(token, salt=_REFRESH)
    return int(device_id)


def token_hash(token: str) -> str:
    """What is stored of a refresh token. It is random enough that a plain digest will do."""
    return hashlib.sha256(token.encode()).hexdigest()


def _signed(token: str, *, salt: str) -> list[Any]:
    if len(token) > MAX_TOKEN_CHARACTERS:
        raise AuthInvalid()
    try:
        return list(signing.loads(token, salt=salt))
    except (signing.BadSignature, ValueError, TypeError):
        raise AuthInvalid() from None
