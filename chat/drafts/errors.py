"""The expected errors of drafts."""

from __future__ import annotations

from realtime import LimitReached


class TooManyDrafts(LimitReached):
    code = "too_many_drafts"
    message = "You have as many drafts as one can have: send or clear one first."
    retry = False
