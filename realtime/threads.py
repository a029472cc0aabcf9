"""Threads for work that blocks, of which the one that was last at work is the next: what it holds is still warm.
What has no work for a moment may give back what it holds.

A pool that takes the thread that has waited longest goes round all of them, and each finds that the others have
changed what its connection to SQLite had read.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

REST_AFTER_S = 0.1

Work = Callable[[], None]  # must not raise


class Threads:
    """At most `limit` of them, made when they are first needed; work that finds none idle waits, in order.

    `rest` is called in a thread that has had no work for REST_AFTER_S; it must not raise either.
    """

    def __init__(self, limit: int, name: str, rest: Work) -> None:
        self._limit = limit
        self._name = name
        self._rest = rest
        self._count = 0
        self._idle: list[SimpleQueue[Work]] = []
        self._waiting: deque[Work] = deque()
        self._lock = threading.Lock()

    def do(self, work: Work) -> None:
        """Has one of them do the work."""
        with self._lock:
            if self._idle:
                self._idle.pop().put(work)
                return
            self._waiting.append(work)
            if self._count < self._limit:
                self._count += 1
                name = f"{self._name}_{self._count}"
                threading.Thread(target=self._serve, name=name, daemon=True).start()

    def _serve(self) -> None:
        given: SimpleQueue[Work] = SimpleQueue()
        while True:
            with self._lock:
                if self._waiting:
                    given.put(self._waiting.popleft())
                else:
                    self._idle.append(given)
            work = None
            with suppress(Empty):
                work = given.get(timeout=REST_AFTER_S)
            if work is None:
                self._rest()
                work = given.get()
            work()
