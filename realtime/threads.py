"""Threads for work that blocks, of which the one that was last at work is the next: what it holds is still warm.

A pool that takes the thread that has waited longest goes round all of them, and each finds that the others have
changed what its connection to SQLite had read.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

Work = Callable[[], None]  # must not raise


class Threads:
    """At most `limit` of them, made when they are first needed; work that finds none idle waits, in order."""

    def __init__(self, limit: int, name: str) -> None:
        self._limit = limit
        self._name = name
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
            given.get()()
