"""The expected errors of acknowledgements."""

from __future__ import annotations

from realtime import Forbidden, NotFound


class NothingToAcknowledge(NotFound):
    message = "This message does not ask to be acknowledged, or was deleted."


class OwnMessage(Forbidden):
    code = "own_message"
    message = "Nobody acknowledges their own message."
