"""The expected errors of accounts."""

from __future__ import annotations

from datetime import UTC, datetime

from realtime import AuthInvalid, Conflict, Forbidden, Invalid, LimitReached, NotFound


class BadName(Invalid):
    code = "bad_name"
    message = "This name is not allowed."


class NameTaken(Conflict):
    code = "name_taken"
    message = "This name is taken. Choose another."


class BadPassword(Invalid):
    code = "bad_password"
    message = "This password is not allowed."


class WrongCredentials(AuthInvalid):
    """The same for an unknown user, a wrong password and a deactivated account."""

    code = "wrong_credentials"
    message = "The user name or the password is wrong."


class Banned(AuthInvalid):
    """Told only to who has logged in, or given the right password. `data`: reason, until (null: for good)."""

    code = "banned"
    message = "This account is banned."
    http_status = 403
    close_code = 4503

    @classmethod
    def of(cls, until: datetime, reason: str) -> Banned:
        """With the sentence for a ban until then; the year 9999 is for good."""
        for_good = until.year == 9999
        when = "for good" if for_good else f"until {until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        why = f" Reason: {reason}" if reason else ""
        shown = None if for_good else until.isoformat()
        return cls(f"This account is banned {when}.{why}", reason=reason, until=shown)


class AlreadyErased(Conflict):
    code = "already_erased"
    message = "This account is being erased already."


class WrongPassword(Forbidden):
    code = "wrong_password"
    message = "The old password is wrong."


class TooManyAttempts(LimitReached):
    code = "too_many_attempts"
    message = "Too many attempts. Wait a while and try again."


class DeviceNotFound(NotFound):
    message = "You have no such device."
