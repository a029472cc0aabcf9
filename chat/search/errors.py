"""The expected errors of search."""

from __future__ import annotations

from realtime import Invalid, RateLimited


class BadQuery(Invalid):
    """`data` has `position`, where in the query it is, in characters, and `part`, what cannot be read."""

    code = "bad_query"
    message = "This cannot be searched for."


class BadOrder(Invalid):
    code = "bad_order"
    message = "order is newest or relevance."


class BadPage(Invalid):
    code = "bad_page"
    message = "cursor is the `next` of a page of the same search."


class BadTimeZone(Invalid):
    code = "bad_timezone"
    message = "There is no such time zone. Use a name such as Europe/Berlin."


class TooManySearches(RateLimited):
    message = "You have searched a lot in the last minute. Wait a moment and try again."
