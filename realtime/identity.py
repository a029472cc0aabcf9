"""Who is at the other end of a socket or request, and the door to the app that knows (`REALTIME["AUTHENTICATION"]`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast

from realtime import conf


@dataclass(frozen=True, slots=True)
class Identity:
    """An authenticated user and the session that vouches for it.

    `session` is an opaque id that may be logged and sent to clients, never the secret itself.
    `expires_at` is in Unix seconds; None where the session has no end of its own.
    """

    user_id: int
    user: Any
    session: str
    device: str | None = None
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client brought: a browser's session key, or a token."""

    session_key: str | None = None
    token: str | None = None


class Authentication(Protocol):
    """What the module named by the setting provides. Each raises AuthInvalid or a subclass."""

    def authenticate_session(self, session_key: str) -> Identity: ...
    def authenticate_token(self, token: str) -> Identity: ...
    def still_valid(self, identities: Sequence[Identity]) -> set[str]: ...


def authentication() -> Authentication:
    return cast(Authentication, import_module(conf.get("AUTHENTICATION")))
