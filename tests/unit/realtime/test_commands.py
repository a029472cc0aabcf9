"""Calls run beside delivery, in order, batched across connections; a failing one takes nobody along."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from msgspec import Struct

from realtime import Busy, NotFound, RealtimeError
from realtime.gateway.commands import Batcher, Calls
from realtime.registry import Command, Context

ME = Context(user_id=1, user=None, session="s")


class Args(Struct, frozen=True):
    number: int


class Replies:
    """What the client would see, in the order of sending."""

    def __init__(self) -> None:
        self.found: list[tuple[int, Any]] = []
        self.batchers: dict[str, Batcher] = {}

    def reply(self, id: int, result: Any) -> None:
        if result == "not JSON":
            raise TypeError(result)
        self.found.append((id, result.wire_code if isinstance(result, RealtimeError) else result))

    def batcher_of(self, command: Command) -> Batcher:
        return self.batchers.setdefault(command.name, Batcher(command))

    def connection(self) -> Calls:
        return Calls(self.reply, self.batcher_of)


@pytest.fixture
def replies() -> Replies:
    return Replies()


async def _put(calls: Calls, id: int, command: Command, context: Context, args: Any) -> None:
    await calls.room()
    calls.put(id, command, context, args)


def command(handler: Any, *, batched: bool = False, name: str = "testing.run") -> Command:
    return Command(name, Args, None, handler, batched)


async def test_calls_of_one_connection_run_one_after_another_in_order(replies: Replies) -> None:
    running: list[int] = []

    def handler(context: Context, args: Args) -> int:
        running.append(1)
        assert len(running) == 1
        running.pop()
        return args.number

    calls = replies.connection()
    for number in range(20):
        await _put(calls, number, command(handler), ME, Args(number))
    await calls.finish()
    assert replies.found == [(number, number) for number in range(20)]


async def test_what_waits_on_all_connections_is_one_batch(replies: Replies) -> None:
    sizes: list[int] = []
    first_runs = threading.Event()

    def handler(calls: list[Any]) -> list[int]:
        sizes.append(len(calls))
        if len(sizes) == 1:
            first_runs.wait(5)
        return [call.args.number for call in calls]

    batched = command(handler, batched=True)
    connections = [replies.connection() for _ in range(5)]
    for number in range(30):
        await _put(connections[number % 5], number, batched, ME, Args(number))
    while not sizes:
        await asyncio.sleep(0)
    first_runs.set()
    await asyncio.gather(*(one.finish() for one in connections))
    assert sorted(replies.found) == [(number, number) for number in range(30)]
    assert len(sizes) <= 3
    assert sum(sizes) == 30


async def test_a_call_waits_for_the_batches_before_it(replies: Replies) -> None:
    calls = replies.connection()
    batched = command(lambda calls: ["batch"] * len(calls), batched=True)
    await _put(calls, 1, batched, ME, Args(1))
    await _put(calls, 2, command(lambda context, args: "single"), ME, Args(2))
    await _put(calls, 3, batched, ME, Args(3))
    await calls.finish()
    assert replies.found == [(1, "batch"), (2, "single"), (3, "batch")]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFound(), "not_found"),
        (OperationalError("away"), "unavailable"),
        (IntegrityError("a bug"), "internal"),
        (ZeroDivisionError(), "internal"),
    ],
)
@pytest.mark.parametrize("batched", [True, False])
async def test_an_error_is_the_answer(replies: Replies, error: Exception, code: str, batched: bool) -> None:
    def handler(*_: Any) -> Any:
        raise error

    calls = replies.connection()
    await _put(calls, 1, command(handler, batched=batched), ME, Args(1))
    await _put(calls, 2, command(lambda context, args: "goes on", name="testing.other"), ME, Args(2))
    await calls.finish()
    assert replies.found == [(1, code), (2, "goes on")]


class Rooms:
    """A batch command on rooms, some of which somebody else holds."""

    def __init__(self) -> None:
        self.held: set[int] = set()
        self.done: list[int] = []

    def run(self, calls: list[Any]) -> list[Any]:
        return [self.one(call.args.number) for call in calls]

    def one(self, number: int) -> Any:
        if number // 100 in self.held:
            return Busy()
        self.done.append(number)
        return number


async def test_what_is_held_waits_in_its_order_and_delays_nobody_else(replies: Replies) -> None:
    rooms = Rooms()
    rooms.held = {1}
    batched = command(rooms.run, batched=True)
    connections = [replies.connection(), replies.connection()]
    for number in (101, 201, 102):
        await _put(connections[0], number, batched, ME, Args(number))
    await _put(connections[1], 202, batched, ME, Args(202))
    await connections[1].finish()
    assert rooms.done == [201, 202]

    await _put(connections[1], 103, batched, ME, Args(103))
    rooms.held.clear()
    await asyncio.gather(*(one.finish() for one in connections))
    assert rooms.done == [201, 202, 101, 102, 103]


async def test_what_is_held_for_too_long_is_answered_busy(replies: Replies, settings: Any) -> None:
    settings.REALTIME = {**settings.REALTIME, "LOCK_TIMEOUT_S": 0.05}
    rooms = Rooms()
    rooms.held = {1}
    calls = replies.connection()
    await _put(calls, 101, command(rooms.run, batched=True), ME, Args(101))
    await calls.finish()
    assert replies.found == [(101, "busy")]


async def test_a_batch_that_answers_too_few_is_a_bug_that_hangs_nobody(replies: Replies) -> None:
    calls = replies.connection()
    await _put(calls, 1, command(lambda calls: [], batched=True), ME, Args(1))
    await calls.finish()
    assert replies.found == [(1, "internal")]


async def test_a_result_that_is_not_json_is_that_calls_bug_alone(replies: Replies) -> None:
    calls = replies.connection()
    batched = command(lambda calls: ["not JSON" for _ in calls], batched=True)
    await _put(calls, 1, batched, ME, Args(1))
    await _put(calls, 2, command(lambda context, args: "goes on", name="testing.other"), ME, Args(2))
    await calls.finish()
    assert replies.found == [(1, "internal"), (2, "goes on")]


async def test_a_slow_command_is_answered_and_those_after_it_run(replies: Replies, settings: Any) -> None:
    settings.REALTIME = {**settings.REALTIME, "CALL_TIMEOUT_S": 0.05}
    let_go = threading.Event()
    calls = replies.connection()
    await _put(calls, 1, command(lambda context, args: let_go.wait(5)), ME, Args(1))
    await _put(calls, 2, command(lambda context, args: "goes on"), ME, Args(2))
    await calls.finish()
    let_go.set()
    assert replies.found == [(1, "timeout"), (2, "goes on")]


async def test_a_batch_that_hangs_is_answered_and_those_behind_it_run(
    replies: Replies, settings: Any
) -> None:
    settings.REALTIME = {**settings.REALTIME, "CALL_TIMEOUT_S": 0.05, "MAX_BATCH": 2}
    let_go = threading.Event()
    first: list[int] = []

    def handler(calls: list[Any]) -> list[str]:
        if not first:
            first.append(1)
            let_go.wait(5)
            return ["too late"] * len(calls)
        return ["goes on"] * len(calls)

    batched = command(handler, batched=True)
    calls = replies.connection()
    for number in range(4):
        await _put(calls, number, batched, ME, Args(number))
    await calls.finish()
    let_go.set()
    await _put(calls, 4, batched, ME, Args(4))
    await calls.finish()
    assert replies.found == [(0, "timeout"), (1, "timeout"), (2, "goes on"), (3, "goes on"), (4, "goes on")]


async def test_more_than_may_wait_is_refused(replies: Replies, settings: Any) -> None:
    settings.REALTIME = {**settings.REALTIME, "MAX_WAITING_CALLS": 2, "MAX_BATCH": 1}
    let_go = threading.Event()

    def handler(calls: list[Any]) -> list[str]:
        let_go.wait(5)
        return ["done"] * len(calls)

    batched = command(handler, batched=True)
    calls = replies.connection()
    for number in range(5):
        await _put(calls, number, batched, ME, Args(number))
    while len(replies.found) < 2:
        await asyncio.sleep(0)
    let_go.set()
    await calls.finish()
    assert {code for _, code in replies.found} == {"done", "unavailable"}
    assert len(replies.found) == 5


async def test_a_connection_with_too_many_calls_is_not_read_for_a_while(
    replies: Replies, settings: Any
) -> None:
    settings.REALTIME = {**settings.REALTIME, "MAX_CALLS_IN_FLIGHT": 2}
    let_go = threading.Event()
    slow = command(lambda context, args: let_go.wait(5))
    calls = replies.connection()
    put = [asyncio.create_task(_put(calls, number, slow, ME, Args(number))) for number in range(6)]
    _, waiting = await asyncio.wait(put, timeout=0.05)
    assert waiting
    let_go.set()
    await asyncio.gather(*put)
    await calls.finish()
    assert [id for id, _ in replies.found] == list(range(6))
