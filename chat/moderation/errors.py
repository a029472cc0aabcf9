"""The expected errors of keeping order."""

from __future__ import annotations

from realtime import Conflict, Forbidden, Invalid, LimitReached, NotFound, Unavailable


class NotModerator(Forbidden):
    code = "not_moderator"
    message = "Only an owner or a moderator of the room may do this."


class Outranked(Forbidden):
    code = "outranked"
    message = "Nobody can do this to somebody with the same role or a higher one. Ask an owner of the room."


class GuestNotAllowed(Forbidden):
    code = "guest"
    message = "Guests cannot do this. Ask a member of the room."


class Muted(Forbidden):
    """`data`: reason, until (null: for good)."""

    code = "muted"
    message = "You are muted in this room."


class BannedFromRoom(Forbidden):
    """`data`: reason, until (null: for good), user."""

    code = "banned"
    message = "You are banned from this room."


class PostingClosed(Forbidden):
    """`data`: posting."""

    code = "posting_closed"
    message = "Only owners and moderators may write in this room."


class SlowMode(LimitReached):
    """`retry_after_ms` says when; `data`: slow_mode_s. Nothing tries it again by itself."""

    code = "slow_mode"
    message = "This room is in slow mode. Wait a moment before you write again."
    retry = False


class CannotWrite(Forbidden):
    """Says nothing about who wanted it so."""

    code = "cannot_write"
    message = "This person cannot be written to."


class TextRefused(Forbidden):
    code = "text_refused"
    message = "This text is not allowed here. Change it and try again."


class HeldForReview(Conflict):
    code = "held_for_review"
    keeps = True
    message = "A moderator will look at this message before anybody sees it."


class FilterFailed(Unavailable):
    code = "filter_failed"
    message = "The text could not be checked just now. Try again in a moment."


class BadRole(Invalid):
    code = "bad_role"
    message = "A role is one of owner, moderator and member; guests stay guests."


class LastOwner(Conflict):
    code = "last_owner"
    message = "A room has at least one owner: make somebody else an owner first."


class BadRules(Invalid):
    code = "bad_rules"
    message = "This rule of the room is not allowed."


class BadUntil(Invalid):
    code = "bad_until"
    message = "The end is a time with its zone, in the future, within three years; null is for good."


class NotBanned(NotFound):
    message = "There is no such ban."


class BadReport(Invalid):
    code = "bad_report"
    message = "A report is about one message or one person, for one of the known reasons, in up to 1,000 characters."


class TooManyReports(LimitReached):
    code = "too_many_reports"
    message = "You have reported a lot lately. Moderators are on it; report more in an hour."
    retry = False


class ReportNotFound(NotFound):
    message = "There is no such report, or it is not yours to handle."


class ReportClaimed(Conflict):
    """`data`: by."""

    code = "report_claimed"
    message = "Another moderator is on this report."


class ReportClosed(Conflict):
    """`data`: by, outcome."""

    code = "report_closed"
    message = "This report was dealt with already."


class BadAction(Invalid):
    code = "bad_action"
    message = "This cannot be done about this report."


class HeldNotFound(NotFound):
    message = "There is no such held message, or it is not yours to judge."


class TooManyBlocks(LimitReached):
    code = "too_many_blocks"
    message = "You have blocked as many people as you may."
    retry = False


class StaffOnly(Forbidden):
    code = "staff_only"
    message = "Only staff with the permission to moderate may do this."
