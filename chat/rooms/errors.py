"""The expected errors of looking around."""

from __future__ import annotations

from realtime import Invalid


class BadBrowse(Invalid):
    code = "bad_browse"
    message = "sort is name, members or newest; joined is any, yes or no."
