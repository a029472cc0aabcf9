"""The expected errors of invitations."""

from __future__ import annotations

from realtime import Invalid, LimitReached, NotFound


class InvitationNotFound(NotFound):
    """The same for a link that never was, and one that was revoked, used up, or has expired."""

    message = "This link leads nowhere, or does no longer. Ask whoever gave it to you for another one."


class BadInvitation(Invalid):
    code = "bad_invitation"
    message = "A link works from 5 minutes to a year, or without end, for 1 to 1,000 people, or any number."


class TooManyInvitations(LimitReached):
    message = "The room has as many links as it may. Revoke one first."
    retry = False


class TooManyGuesses(LimitReached):
    code = "too_many_attempts"
    message = "Too many links that lead nowhere. Wait a while and try again."
