"""A few at a time, in the order they came, and no longer a line than agreed."""

from __future__ import annotations

import asyncio

import pytest

from realtime.gateway.admission import Admission, TooBusy
from realtime.testing.waiting import await_until


async def test_a_few_are_inside_and_the_others_follow_in_their_order() -> None:
    admission, inside, leave = Admission(2, waiting=10), list[int](), asyncio.Event()

    async def enter(number: int) -> None:
        async with admission:
            inside.append(number)
            await leave.wait()

    tasks = [asyncio.create_task(enter(number)) for number in range(5)]
    await await_until(lambda: len(inside) == 2, "two are inside")
    assert inside == [0, 1]
    leave.set()
    await asyncio.gather(*tasks)
    assert inside == [0, 1, 2, 3, 4]


async def test_who_comes_to_a_full_line_is_told_when_to_come_back() -> None:
    admission, leave = Admission(1, waiting=2), asyncio.Event()

    async def enter() -> None:
        async with admission:
            await leave.wait()

    tasks = [asyncio.create_task(enter()) for _ in range(4)]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    (refused,) = done
    error = refused.exception()
    assert isinstance(error, TooBusy)
    assert error.retry_after_ms is not None
    assert 1_000 <= error.retry_after_ms < 5_000
    leave.set()
    await asyncio.gather(*(set(tasks) - done))


async def test_who_leaves_the_line_makes_room() -> None:
    admission = Admission(1, waiting=1)
    async with admission:
        waits = asyncio.create_task(admission.__aenter__())
        await asyncio.sleep(0)
        with pytest.raises(TooBusy):
            await admission.__aenter__()
        waits.cancel()
        await asyncio.gather(waits, return_exceptions=True)
        waits = asyncio.create_task(admission.__aenter__())
        await asyncio.sleep(0)
    await waits
