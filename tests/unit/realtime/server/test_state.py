"""Draining, as the hooks and the readiness check see it."""

import asyncio
import logging

import pytest

from realtime.server import state


@pytest.fixture(autouse=True)
def _fresh_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "draining", False)
    monkeypatch.setattr(state, "drain_deadline", None)
    monkeypatch.setattr(state, "_hooks", [])


async def test_every_hook_runs_after_the_flag_is_up() -> None:
    seen: list[bool] = []

    async def hook() -> None:
        seen.append(state.draining)

    state.on_drain(hook)
    state.on_drain(hook)
    await state.begin_drain(1)
    assert seen == [True, True]


async def test_a_removed_hook_does_not_run() -> None:
    async def hook() -> None:
        raise AssertionError("it was removed")

    state.on_drain(hook)()
    await state.begin_drain(1)


async def test_a_failing_hook_is_logged_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    done = asyncio.Event()

    async def fails() -> None:
        raise RuntimeError("on purpose")

    async def works() -> None:
        done.set()

    state.on_drain(fails)
    state.on_drain(works)
    with caplog.at_level(logging.ERROR):
        await state.begin_drain(1)
    assert done.is_set()
    assert "A drain hook failed" in caplog.text


async def test_a_hook_that_hangs_is_cancelled_at_the_deadline() -> None:
    cancelled = asyncio.Event()

    async def hangs() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    state.on_drain(hangs)
    async with asyncio.timeout(2):
        await state.begin_drain(0.05)
        await cancelled.wait()
