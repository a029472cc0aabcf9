"""Expected errors: each has a machine code and a sentence that says what to do.

Raised anywhere; turned into an error frame in `realtime.gateway` and into an HTTP answer in `realtime.http`.
Anything that is not a `RealtimeError` is a bug: logged, and answered with the code `internal`.

    RealtimeError
    |-- Invalid             400  the request is malformed
    |   |-- BadClientId
    |   `-- BadCursor
    |-- AuthInvalid         401  who is asking is not known
    |   |-- AuthRequired  AuthExpired  AccountDisabled
    |-- Forbidden           403  known, and not allowed
    |-- NotFound            404  not there, or not yours: the two look alike
    |-- Conflict            409
    |-- LimitReached        429  too many, or too fast: `retry_after_ms` says when
    |-- Unavailable         503  a part is away: try again
    |   `-- Busy
    `-- Internal            500  a bug of ours
"""

from __future__ import annotations

from typing import Any, ClassVar


class RealtimeError(Exception):
    """Base of every expected error.

    `message` overrides the class's sentence; keywords become the error's `data` (JSON values only).
    """

    code: ClassVar[str] = "error"
    message: ClassVar[str] = "The request could not be carried out."
    retry: ClassVar[bool] = False
    http_status: ClassVar[int] = 400
    close_code: ClassVar[int | None] = None
    # What was written before it was raised stays; `once` undoes what any other has begun.
    keeps: ClassVar[bool] = False

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        retry_after_ms: int | None = None,
        **data: Any,
    ) -> None:
        self.sentence = message or self.message
        self.wire_code = code or self.code
        self.retry_after_ms = retry_after_ms
        self.data = data
        super().__init__(self.sentence)

    def as_dict(self) -> dict[str, Any]:
        """The error's fields as they appear on the wire and in HTTP bodies."""
        fields: dict[str, Any] = {
            "type": "error",
            "code": self.wire_code,
            "message": self.sentence,
            "retry": self.retry,
        }
        if self.retry_after_ms is not None:
            fields["retry_after_ms"] = self.retry_after_ms
        if self.data:
            fields["data"] = self.data
        return fields


class Invalid(RealtimeError):
    code = "invalid"
    message = "The request is malformed."


class BadClientId(Invalid):
    code = "bad_client_id"
    message = "client_id must be 1 to 64 printable ASCII characters without spaces; a UUID is a good choice."


class BadCursor(Invalid):
    code = "bad_cursor"
    message = "A cursor is {epoch, seq} with seq from 0 to 2^63-1, and seq not beyond the stream's head."


class AuthInvalid(RealtimeError):
    code = "auth_invalid"
    message = "The session or token is not valid. Log in again."
    http_status = 401
    close_code = 4501


class AuthRequired(AuthInvalid):
    code = "auth_required"
    message = "Log in first: send hello with a token, or connect with a session cookie."


class AuthExpired(AuthInvalid):
    code = "auth_expired"
    message = "The token has expired. Get a new one and connect again."
    retry = True
    close_code = 4401


class AccountDisabled(AuthInvalid):
    code = "account_disabled"
    message = "This account is switched off. Ask an administrator."
    close_code = 4503


class Forbidden(RealtimeError):
    code = "forbidden"
    message = "You are not allowed to do this."
    http_status = 403


class NotFound(RealtimeError):
    code = "not_found"
    message = "It does not exist, or you may not see it."
    http_status = 404


class Conflict(RealtimeError):
    code = "conflict"
    message = "This contradicts what is there already."
    http_status = 409


class LimitReached(RealtimeError):
    code = "limit_reached"
    message = "The limit is reached."
    retry = True
    http_status = 429


class RateLimited(LimitReached):
    code = "rate_limited"
    message = "Too many requests. Wait for retry_after_ms and try again."


class Unavailable(RealtimeError):
    code = "unavailable"
    message = "The service cannot do this just now. Try again in a moment."
    retry = True
    http_status = 503


class Busy(Unavailable):
    code = "busy"
    message = "Somebody else is changing this just now. Try again in a moment."


class Internal(RealtimeError):
    code = "internal"
    message = "Something went wrong on our side. It has been logged; try again."
    retry = True
    http_status = 500
