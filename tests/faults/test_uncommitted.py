"""A process dies when a message is written and not committed: it never was, and nobody has heard of it."""

import asyncio

import pytest

from tests.faults.sabotage import VARIABLE
from tests.faults.town import killed, mutation

pytestmark = pytest.mark.faults

DIES = {"REALTIME_FAILPOINT": "uncommitted:5"}


async def test_a_message_whose_process_dies_before_the_commit_was_never_there(town, new_scene) -> None:
    async with new_scene(tampered={"a": {**DIES, VARIABLE: "commit"}}) as scene:
        await _die_before_the_commit(town, scene)
        scene.verdict()


@mutation
async def test_published_before_the_commit_it_would_be_a_ghost(town, new_scene) -> None:
    """The mutation: others have seen, under the number that the next message gets, what was never stored."""
    async with new_scene(tampered={"a": {**DIES, VARIABLE: "commit_first commit"}}) as scene:
        await _die_before_the_commit(town, scene)
        with pytest.raises(AssertionError, match=r"I6.*not in the log"):
            scene.verdict()


@mutation
async def test_without_idempotency_a_repetition_would_be_stored_again(town, new_scene) -> None:
    """The mutation of what test_client_dropped proves."""
    async with new_scene(tampered={name: {VARIABLE: "idempotency"} for name in "ab"}, without="c") as scene:
        (room,) = scene.streams
        sender = await scene.enter("a", "b")
        first, again = [await sender.try_send(room, "once", "the-same") for _ in range(2)]
        assert first.seq != again.seq
        with pytest.raises(AssertionError, match="I8"):
            scene.verdict()


async def _die_before_the_commit(town, scene) -> None:
    (room,) = scene.streams
    sender, other = await scene.enter("a", "b"), await scene.enter("b")
    for number in range(1, 5):
        await sender.send(room, f"before the kill {number}")
    attempt = asyncio.create_task(sender.try_send(room, "never committed", f"ghost-in-{room}"))
    await killed(town, "a")
    assert await attempt is None
    await other.send(room, "the next message")
    again = await sender.try_send(room, "never committed", f"ghost-in-{room}")
    assert again is not None
    assert not again.duplicate
    await scene.settle()
