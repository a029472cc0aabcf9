"""The expected errors of saved messages."""

from __future__ import annotations

from realtime import LimitReached


class TooManySaved(LimitReached):
    code = "too_many_saved"
    message = "You have saved as many messages as one can: remove some first."
    retry = False
