"""The expected errors of accounts."""

from __future__ import annotations

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


class WrongPassword(Forbidden):
    code = "wrong_password"
    message = "The old password is wrong."


class TooManyAttempts(LimitReached):
    code = "too_many_attempts"
    message = "Too many attempts. Wait a while and try again."


class DeviceNotFound(NotFound):
    message = "You have no such device."
