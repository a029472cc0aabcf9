"""When events leave: alone after a rest, together while the last ones are hardly out; in order and once, always."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from realtime.fan_out import FanOut, Prepared
from realtime.log.batch import Batch


class Clock:
    """An event loop's clock and timers, moved by the test."""

    def __init__(self) -> None:
        self.now = 100.0
        self._timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Any:
        timer = (self.now + delay_s, callback)
        self._timers.append(timer)
        return SimpleNamespace(cancel=lambda: timer in self._timers and self._timers.remove(timer))

    def pass_ms(self, milliseconds: float) -> None:
        until = self.now + milliseconds / 1000
        for timer in sorted(timer for timer in self._timers if timer[0] <= until):
            self._timers.remove(timer)
            self.now = timer[0]
            timer[1]()
        self.now = max(self.now, until)


class Follower:
    """A subscriber whose every delivery takes as long as the test says. `writes` are what shared one."""

    def __init__(self, clock: Clock, takes_ms: float = 0) -> None:
        self.writes: list[list[bytes]] = []
        self.firsts: list[int] = []
        self.resets = 0
        self._clock = clock
        self._takes_ms = takes_ms

    def deliver(self, batch: Batch, prepared: Prepared) -> None:
        assert list(batch.frames) == [frame for frame in prepared.frames if not frame.startswith(b"typing")]
        self.firsts.append(batch.first)
        self.deliver_transient(prepared)

    def deliver_transient(self, prepared: Prepared) -> None:
        self.writes.append(list(prepared.frames))
        self._clock.now += self._takes_ms / 1000

    def reset(self) -> None:
        self.resets += 1


def events(*numbers: int) -> Batch:
    return Batch("room:1", "e", numbers[0], [b"%d" % number for number in numbers])


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fan_out_of(clock: Clock, *followers: Follower, sharing_ms: int = 10) -> FanOut:
    fan_out = FanOut(clock, sharing_ms / 1000)  # type: ignore[arg-type]
    for follower in followers:
        fan_out.join(follower)
    return fan_out


def test_an_event_that_comes_alone_leaves_at_once(clock: Clock) -> None:
    follower = Follower(clock, takes_ms=5)
    fan_out = fan_out_of(clock, follower)
    for number in (1, 2, 3):
        fan_out.events(events(number))
        assert follower.writes[-1] == [b"%d" % number]
        clock.pass_ms(5)


def test_events_that_come_right_after_others_leave_together(clock: Clock) -> None:
    follower = Follower(clock, takes_ms=5)
    fan_out = fan_out_of(clock, follower)
    fan_out.events(events(1))
    for number in (2, 3, 4, 5):
        clock.pass_ms(1)
        fan_out.events(events(number))
    assert follower.writes == [[b"1"]]
    clock.pass_ms(2)
    assert follower.writes == [[b"1"], [b"2", b"3", b"4", b"5"]]
    assert follower.firsts == [1, 2]


def test_no_event_waits_longer_than_the_setting(clock: Clock) -> None:
    follower = Follower(clock, takes_ms=500)
    fan_out = fan_out_of(clock, follower, sharing_ms=10)
    fan_out.events(events(1))
    fan_out.events(events(2))
    clock.pass_ms(11)
    assert follower.writes == [[b"1"], [b"2"]]


def test_a_small_room_never_waits(clock: Clock) -> None:
    follower = Follower(clock, takes_ms=0.5)
    fan_out = fan_out_of(clock, follower)
    for number in range(1, 4):
        fan_out.events(events(number))
    assert follower.writes == [[b"1"], [b"2"], [b"3"]]


def test_without_sharing_every_event_has_its_own_write(clock: Clock) -> None:
    follower = Follower(clock, takes_ms=5)
    fan_out = fan_out_of(clock, follower, sharing_ms=0)
    fan_out.events(events(1, 2))
    fan_out.transient(b"typing")
    fan_out.events(events(3))
    assert follower.writes == [[b"1"], [b"2"], [b"typing"], [b"3"]]
    assert follower.firsts == [1, 2, 3]


def test_transient_events_keep_their_place(clock: Clock) -> None:
    follower = Follower(clock, takes_ms=5)
    fan_out = fan_out_of(clock, follower)
    fan_out.events(events(1))
    fan_out.transient(b"typing 1")
    fan_out.events(events(2, 3))
    fan_out.transient(b"typing 2")
    clock.pass_ms(10)
    assert follower.writes[1:] == [[b"typing 1", b"2", b"3", b"typing 2"]]
    fan_out.transient(b"typing 3")
    clock.pass_ms(10)
    assert follower.writes[2:] == [[b"typing 3"]]


def test_who_joins_gets_only_what_comes_after(clock: Clock) -> None:
    early, late = Follower(clock, takes_ms=5), Follower(clock)
    fan_out = fan_out_of(clock, early)
    fan_out.events(events(1))
    fan_out.events(events(2))
    fan_out.join(late)
    assert early.writes == [[b"1"], [b"2"]]
    fan_out.events(events(3))
    clock.pass_ms(10)
    assert early.writes[2:] == late.writes == [[b"3"]]


def test_who_left_gets_nothing_of_what_waited(clock: Clock) -> None:
    stays, leaves = Follower(clock, takes_ms=5), Follower(clock)
    fan_out = fan_out_of(clock, stays, leaves)
    fan_out.events(events(1))
    fan_out.events(events(2))
    fan_out.leave(leaves)
    clock.pass_ms(10)
    assert stays.writes == [[b"1"], [b"2"]]
    assert leaves.writes == [[b"1"]]


def test_what_waits_is_forgotten_when_all_must_start_over(clock: Clock) -> None:
    follower = Follower(clock, takes_ms=5)
    fan_out = fan_out_of(clock, follower)
    fan_out.events(events(1))
    fan_out.events(events(2))
    fan_out.reset()
    clock.pass_ms(10)
    assert (follower.writes, follower.resets) == ([[b"1"]], 1)


async def test_it_works_on_a_real_loop() -> None:
    clock = Clock()
    follower = Follower(clock)
    fan_out = FanOut(asyncio.get_running_loop(), 0.02)
    fan_out.join(follower)
    fan_out._cost_s, fan_out._ended_at = 0.02, asyncio.get_running_loop().time()
    fan_out.events(events(1))
    fan_out.events(events(2))
    assert follower.writes == []
    async with asyncio.timeout(5):
        while not follower.writes:
            await asyncio.sleep(0)
    assert follower.writes == [[b"1", b"2"]]
