"""Who is online, asked from a process without sockets: of all processes, and no longer when they are gone."""

import asyncio

from realtime.testing.waiting import await_until
from tests.support.pair import Pair

ASK = "from realtime import online_users\nresult = sorted(online_users())"


async def online(pair: Pair) -> set[int]:
    return set(await asyncio.to_thread(pair.backstage.run, ASK))


async def test_everybody_with_a_socket_on_any_process_is_online(pair: Pair):
    ada, ben, cyd = pair.person(), pair.person(), pair.person()
    async with pair.client(ada, "a"), pair.client(ada, "b"), pair.client(ben, "b"):
        assert await online(pair) & {ada.id, ben.id, cyd.id} == {ada.id, ben.id}

    async def nobody() -> bool:
        return not await online(pair) & {ada.id, ben.id}

    await await_until(nobody, "their sockets are gone", timeout_s=10)
