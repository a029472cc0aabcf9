"""The synchronous parts of a request: in a thread of their own, that the next request finds warm."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator

from realtime.request_threads import MAX_IDLE, RequestHandler, RequestThreads
from realtime.testing.waiting import await_until


class Application:
    """Notes which thread its synchronous parts have, and may wait or fail between them."""

    def __init__(self) -> None:
        self.threads: list[set[int]] = []
        self.here = 0
        self.may_end = asyncio.Event()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        mine = {await sync_to_async(threading.get_ident)()}
        self.here += 1
        if scope.get("waits"):
            await self.may_end.wait()
        mine.add(await sync_to_async(threading.get_ident)())
        self.threads.append(mine)
        if scope.get("fails"):
            raise ValueError("a mistake")


async def test_one_after_another_have_the_same_thread() -> None:
    application = Application()
    handler = RequestThreads(application)
    for _ in range(3):
        await handler({}, None, None)
    assert len(set.union(*application.threads)) == 1


async def test_those_at_the_same_time_have_each_their_own_and_a_few_stay() -> None:
    application = Application()
    handler = RequestThreads(application)
    async with asyncio.TaskGroup() as requests:
        for _ in range(MAX_IDLE + 3):
            requests.create_task(handler({"waits": True}, None, None))
        await await_until(lambda: application.here == MAX_IDLE + 3, "all are at work")
        application.may_end.set()
    assert [len(mine) for mine in application.threads] == [1] * (MAX_IDLE + 3)
    assert len(set.union(*application.threads)) == MAX_IDLE + 3
    assert len(handler._idle) == MAX_IDLE


async def test_the_thread_of_one_that_failed_is_not_used_again() -> None:
    application = Application()
    handler = RequestThreads(application)
    with pytest.raises(ValueError, match="a mistake"):
        await handler({"fails": True}, None, None)
    assert not handler._idle


class Trips(ThreadPoolExecutor):
    """Counts how often a request goes to its thread."""

    def __init__(self) -> None:
        super().__init__(1)
        self.count = 0

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        self.count += 1
        return super().submit(*args, **kwargs)


@pytest.mark.parametrize("path", ["/healthz", "/no-such-page"])
async def test_all_that_is_synchronous_is_done_in_one_go(path: str) -> None:
    handler = RequestThreads(RequestHandler())
    trips = Trips()
    handler._idle.append(trips)
    headers = [(b"host", b"localhost")]
    request = ApplicationCommunicator(
        handler,
        {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers},
    )
    await request.send_input({"type": "http.request", "body": b""})
    begun = await request.receive_output()
    assert begun["status"] == (200 if path == "/healthz" else 404)
    assert dict(begun["headers"])[b"X-Content-Type-Options"] == b"nosniff"
    await request.receive_output()
    await request.wait()
    # Begun; SecurityMiddleware before and after; all the rest; closed.
    assert trips.count == 5
