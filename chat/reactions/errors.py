"""The expected errors of reactions."""

from __future__ import annotations

from realtime import Invalid, LimitReached


class BadEmoji(Invalid):
    code = "bad_emoji"
    message = "A reaction is one emoji, or the :name: of a custom emoji that there is."


class TooManyReactions(LimitReached):
    code = "too_many_reactions"
    message = "This message has as many different reactions as a message can have: join one of them."
    retry = False
