"""The expected errors of keywords."""

from __future__ import annotations

from chat.models.keywords import MAX_KEYWORD_CHARACTERS
from realtime import Invalid, LimitReached


class BadKeyword(Invalid):
    code = "bad_keyword"
    message = f"A keyword has letters or digits, and at most {MAX_KEYWORD_CHARACTERS} characters."


class TooManyKeywords(LimitReached):
    message = "Nobody can have so many keywords."
    retry = False
