"""The bounded queue of one local channel. Pure: no Redis, no decoding."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class Mailbox:
    """Serialized messages that wait for one channel's `receive`, each with the moment of its arrival.

    `capacity` counts messages; one older than `expiry_s` when it is taken is dropped, because whoever waited
    so long has missed its moment. `clock` is monotonic.
    """

    __slots__ = (
        "_clock",
        "_expiry_s",
        "_queue",
        "abandoned",
        "capacity",
        "expired",
        "groups",
        "lost_any",
        "name",
        "on_the_way",
        "readers",
    )

    def __init__(
        self, name: str, *, capacity: int, expiry_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = name
        self.capacity = capacity
        self.groups: set[str] = set()
        self.readers = 0  # receive() calls that wait now
        self.abandoned: asyncio.TimerHandle | None = None  # runs when no reader came back
        self.lost_any = False
        self.expired = 0
        self.on_the_way = 0  # sends of this process that Redis has not brought back yet
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self._expiry_s = expiry_s
        self._clock = clock

    @property
    def full(self) -> bool:
        return self._queue.qsize() >= self.capacity

    @property
    def room_for_send(self) -> bool:
        return self._queue.qsize() + self.on_the_way < self.capacity

    def put(self, payload: bytes) -> bool:
        """False when it was full: the message is dropped and the channel marked."""
        if self.full:
            self.lost_any = True
            return False
        self._queue.put_nowait((self._clock(), payload))
        return True

    async def take(self) -> bytes:
        """The oldest message that has not expired."""
        while True:
            arrived_at, payload = await self._queue.get()
            if self._clock() - arrived_at <= self._expiry_s:
                return payload
            self.expired += 1

    def take_loss(self) -> bool:
        """Whether a message was dropped since the last call."""
        lost, self.lost_any = self.lost_any, False
        return lost
