"""Who is online at all: one question to every server process, answered by each for its own sockets.

Nothing is kept up to date for it, so it costs nothing until somebody asks. Who is online on one stream is told by
`realtime.presence` and `realtime.online`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from channels.layers import get_channel_layer

from realtime.errors import Unavailable
from realtime.layer import LayerUnavailable

if TYPE_CHECKING:
    from realtime.hub import Hub

_GROUP = "roll_call"
_TIMEOUT_S = 1.0


class RollCall:
    """The answering side, in a process that has sockets."""

    def __init__(self, hub: Hub, online: Callable[[], Collection[int]]) -> None:
        self._hub = hub
        self._online = online
        hub.handle("roll_call.ask", self._on_ask)

    async def join(self) -> None:
        await self._hub.layer.group_add(_GROUP, self._hub.channel)

    def _on_ask(self, message: dict[str, Any]) -> None:
        answer = {"type": "roll_call.answer", "users": sorted(self._online())}
        self._hub.layer.publish_nowait(message["answer_to"], answer)


def online_users() -> set[int]:
    """Ids of the users with a socket on any process now. For threads, not for loops.

    A process that does not answer within a second is left out. Raises Unavailable while Redis is away.
    """
    layer: Any = get_channel_layer()
    try:
        answers = layer.ask_sync(_GROUP, {"type": "roll_call.ask"}, timeout_s=_TIMEOUT_S)
    except LayerUnavailable as error:
        raise Unavailable from error
    return {int(user_id) for answer in answers for user_id in answer["users"]}
