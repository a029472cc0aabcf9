"""On user:<id>."""

from __future__ import annotations

from realtime import Struct, event


@event("chat.keywords_changed")
class KeywordsChanged(Struct, frozen=True):
    """The user's keywords are these now, as they were written."""

    words: list[str]
