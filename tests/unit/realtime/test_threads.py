"""The thread that was last at work is the next, and there are never more than allowed."""

from __future__ import annotations

import threading
from queue import Queue

from realtime.testing.waiting import wait_until
from realtime.threads import Threads

TIMEOUT_S = 10.0


class Blocked:
    """Work that says which thread it has, and ends when it is told to."""

    def __init__(self) -> None:
        self.thread: Queue[int] = Queue()
        self.end = threading.Event()

    def __call__(self) -> None:
        self.thread.put(threading.get_ident())
        self.end.wait(TIMEOUT_S)


def _nothing_to_give_back() -> None:
    pass


def test_the_last_at_work_is_the_next() -> None:
    threads = Threads(3, "test", rest=_nothing_to_give_back)
    works = [Blocked() for _ in range(3)]
    for work in works:
        threads.do(work)
    at = [work.thread.get(timeout=TIMEOUT_S) for work in works]
    assert len(set(at)) == 3
    for number, place in enumerate((1, 2, 0), start=1):
        works[place].end.set()
        wait_until(lambda number=number: len(threads._idle) == number, "it is idle")
    for expected in (0, 2, 1):
        work = Blocked()
        threads.do(work)
        assert work.thread.get(timeout=TIMEOUT_S) == at[expected]


def test_what_finds_none_idle_waits_in_order() -> None:
    threads, done = Threads(1, "test", rest=_nothing_to_give_back), Queue[int]()
    first = Blocked()
    threads.do(first)
    for number in range(5):
        threads.do(lambda number=number: done.put(number))
    first.thread.get(timeout=TIMEOUT_S)
    assert done.empty()
    first.end.set()
    assert [done.get(timeout=TIMEOUT_S) for _ in range(5)] == [0, 1, 2, 3, 4]


def test_who_has_no_work_for_a_moment_rests_once_and_works_again() -> None:
    rested = Queue[int]()
    threads = Threads(1, "test", rest=lambda: rested.put(threading.get_ident()))
    for _ in range(2):
        work = Blocked()
        threads.do(work)
        at = work.thread.get(timeout=TIMEOUT_S)
        assert rested.empty()
        work.end.set()
        assert rested.get(timeout=TIMEOUT_S) == at
