"""Who is online, for threads and workers, which have no sockets: asked of the processes that do (`presence`)."""

from __future__ import annotations

from typing import Any

from channels.layers import get_channel_layer

from realtime.protocol.streams import group_of


def online_now(stream: str, *, timeout_s: float) -> set[int]:
    """The ids of the users who follow the stream now, on whatever process. For threads, not for loops.

    A process that hangs is waited for no longer than `timeout_s`. Raises LayerUnavailable where Redis is away.
    """
    layer: Any = get_channel_layer()
    question = {"type": "presence.ask", "stream": stream}
    answers = layer.ask_sync(group_of(stream), question, timeout_s=timeout_s)
    return {int(user_id) for answer in answers for user_id in answer["users"]}
