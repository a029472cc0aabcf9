"""A web process dies by SIGKILL at the worst moments; whoever was connected to it comes back elsewhere."""

import asyncio

import pytest

from realtime.testing.client import Closed
from realtime.testing.waiting import await_until
from tests.faults.town import killed, mutation

pytestmark = pytest.mark.faults

DELIVERY_S = 2.0
NO_CHECKS = {"REALTIME_HEAL_INTERVAL_S": "3600", "REALTIME_FULL_CHECK_INTERVAL_S": "3600"}


@pytest.mark.parametrize("place", ["numbered", "published"])
async def test_a_message_whose_process_dies_after_the_commit_reaches_everyone_and_is_not_stored_again(
    town, new_scene, place
) -> None:
    async with new_scene(tampered={"a": {"REALTIME_FAILPOINT": f"{place}:5"}}) as scene:
        (room,) = scene.streams
        sender = await scene.enter("a", "b")
        for webs in (("b",), ("b", "a"), ("a", "b"), ("b",)):
            await scene.enter(*webs)
        for number in range(1, 5):
            assert (await sender.send(room, f"before the kill {number}")).seq > 0
        the_fifth = f"the-fifth-in-{room}"
        attempt = asyncio.create_task(sender.try_send(room, "stored by a dying process", the_fifth))
        await killed(town, "a")
        (seq,) = await _row(town, the_fifth)
        await scene.everyone_has(room, seq, within_s=DELIVERY_S)
        assert await attempt is None
        again = await sender.try_send(room, "stored by a dying process", the_fifth)
        assert again is not None
        assert (again.seq, again.duplicate) == (seq, True)
        await sender.send(room, "life goes on")
        await scene.settle()
        scene.verdict()


async def test_an_edit_whose_process_dies_before_it_has_a_number_reaches_everyone(town, new_scene) -> None:
    async with new_scene(tampered={"a": {"REALTIME_FAILPOINT": "committed"}}) as scene:
        (room,) = scene.streams
        author = await scene.enter("a", "b")
        for webs in (("b",), ("a", "b")):
            await scene.enter(*webs)
        sent = await author.send(room, "a typo")
        ((message,),) = town.rows("SELECT id FROM chat_message WHERE client_id = ?", sent.client_id)
        edit = {"message": message, "text": "no typo", "client_id": "the-edit"}
        attempt = asyncio.create_task(author.client.call("chat.message_edit", **edit))
        await killed(town, "a")
        await scene.everyone_has(room, sent.seq + 1, within_s=DELIVERY_S)
        with pytest.raises(Closed):
            await attempt
        await await_until(lambda: _is_back(author), "the author is back")
        await author.client.call("chat.message_edit", **edit)
        await author.send(room, "life goes on")
        await scene.settle()
        names = town.rows("SELECT name FROM log_event WHERE stream = ?", room)
        assert names.count(("chat.message_edited",)) == 1
        scene.verdict()


@mutation
async def test_without_the_check_of_the_log_nobody_would_hear_of_that_message(town, new_scene) -> None:
    """The mutation: proves that the tests above see the protection at work, and not luck."""
    tampered = {"a": {"REALTIME_FAILPOINT": "numbered:2"}, "b": NO_CHECKS}
    async with new_scene(tampered=tampered, without="c") as scene:
        (room,) = scene.streams
        sender = await scene.enter("a")
        await scene.enter("b")
        await sender.send(room, "heard by all")
        unheard = f"unheard-in-{room}"
        attempt = asyncio.create_task(sender.try_send(room, "stored by a dying process", unheard))
        await killed(town, "a")
        (seq,) = await _row(town, unheard)
        with pytest.raises(AssertionError, match="everyone has"):
            await scene.everyone_has(room, seq, within_s=DELIVERY_S)
        await attempt


@mutation
async def test_without_the_sweep_that_edit_would_stay_without_a_number(town, new_scene) -> None:
    """The mutation: the same kill as above, and the checker says what is wrong."""
    tampered = {"a": {"REALTIME_FAILPOINT": "committed"}, "b": NO_CHECKS}
    async with new_scene(tampered=tampered, without="c") as scene:
        (room,) = scene.streams
        author = await scene.enter("a")
        await scene.enter("b")
        sent = await author.send(room, "a typo")
        ((message,),) = town.rows("SELECT id FROM chat_message WHERE client_id = ?", sent.client_id)
        edit = {"message": message, "text": "no typo", "client_id": f"unnumbered-in-{room}"}
        attempt = asyncio.create_task(author.client.call("chat.message_edit", **edit))
        await killed(town, "a")
        with pytest.raises(AssertionError, match="everyone has"):
            await scene.everyone_has(room, sent.seq + 1, within_s=DELIVERY_S)
        with pytest.raises(Closed):
            await attempt
        with pytest.raises(AssertionError, match=r"I3.*never got a number"):
            scene.verdict()


async def _row(town, client_id: str) -> tuple[int]:
    """The seq under which the message is stored."""
    (row,) = await asyncio.to_thread(town.rows, "SELECT seq FROM chat_message WHERE client_id = ?", client_id)
    return row


def _is_back(person) -> bool:
    return not person.client.ended.is_set() and bool(person.client.welcome)
