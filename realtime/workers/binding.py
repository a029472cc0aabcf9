"""Ties a message's body, which is signed, to its headers, which are not (see `realtime.workers.signing`)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from celery.app.amqp import AMQP

BOUND, SENT = "bound", "sent"


def binding(headers: Mapping[str, Any]) -> list[Any]:
    """What of a message's headers must be as it was when it was signed."""
    return [headers.get(name) for name in ("task", "id", "expires", "eta", "timelimit", "retries")]


class BoundAMQP(AMQP):  # type: ignore[misc]
    """Repeats in the body, which is signed, what the headers say, and says when it was sent."""

    def as_task_v2(self, *args: Any, **kwargs: Any) -> Any:
        message = super().as_task_v2(*args, **kwargs)
        message.body[2].update({BOUND: binding(message.headers), SENT: time.time()})
        return message
