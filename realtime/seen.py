"""How far clients have come on a stream: the `seen` of their pongs, for features that show it (`realtime.receipts`
tells of single events).

Beside delivery: gathered for a moment, one call for all of them, in a database thread. May be lost, as whoever has got
an event will soon say more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from realtime import conf, database
from realtime.protocol.streams import split_stream

if TYPE_CHECKING:
    from realtime.hub import Hub

logger = logging.getLogger(__name__)

MAX_WAITING_MARKS = 10_000


class SeenMark(NamedTuple):
    """A device of the user has got the stream `kind:<key>` up to `seq`."""

    user_id: int
    key: str
    seq: int


Handler = Callable[[Sequence[SeenMark]], None]
H = TypeVar("H", bound=Handler)

_handlers: dict[str, Handler] = {}


def on_seen(kind: str) -> Callable[[H], H]:
    """Registers what is told of all streams of a kind. It runs in a database thread."""

    def register(handler: H) -> H:
        if _handlers.setdefault(kind, handler) is not handler:
            raise ValueError(f"Two functions are told what was seen of {kind!r} streams: register one.")
        return handler

    return register


class Seen:
    """The marks that wait in this process."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._waiting: dict[tuple[int, str], int] = {}
        self._flush_waits = False

    def note(self, user_id: int, stream: str, seq: int) -> None:
        """A socket of the user has got the stream up to there."""
        if split_stream(stream)[0] not in _handlers or len(self._waiting) >= MAX_WAITING_MARKS:
            return
        mark = (user_id, stream)
        self._waiting[mark] = max(seq, self._waiting.get(mark, 0))
        if not self._flush_waits:
            self._flush_waits = True
            self._hub.loop.call_later(conf.get("SEEN_COALESCE_S"), self._flush)

    def _flush(self) -> None:
        self._hub.spawn(self._hand_over())

    async def _hand_over(self) -> None:
        waiting, self._waiting = self._waiting, {}
        by_kind: dict[str, list[SeenMark]] = {}
        for (user_id, stream), seq in waiting.items():
            kind, key = split_stream(stream)
            by_kind.setdefault(kind, []).append(SeenMark(user_id, key, seq))
        try:
            for kind, marks in by_kind.items():
                await database.run(_handlers[kind], marks)
        except Exception:
            logger.exception("What clients have seen could not be noted.")
        finally:
            # One at a time: a slow database gathers more marks, not more threads.
            self._flush_waits = False
            if self._waiting:
                self._flush_waits = True
                self._hub.loop.call_later(conf.get("SEEN_COALESCE_S"), self._flush)
