"""The expected errors of threads, forwarding and links."""

from __future__ import annotations

from realtime import Forbidden, Invalid


class ForwardedIsFixed(Forbidden):
    code = "forwarded"
    message = "A forwarded message keeps the words of its author. Delete it, or write one of your own."


class BadPlace(Invalid):
    code = "bad_cursor"
    message = "Ask for a page before, after or around one number, not for several of these."


class BadThreadLimit(Invalid):
    code = "bad_limit"
    message = "limit is from 1 to 50, offset from 0."
