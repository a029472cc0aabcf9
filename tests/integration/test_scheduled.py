"""Scheduled messages through real servers, a beat and workers: each once, whoever dies."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from realtime.testing.waiting import await_until
from tests.support.pair import Pair

WITHIN_S = 60.0

_SCHEDULE = """
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from accounts.models import User
from chat.models import Scheduled
from chat.scheduled.services import schedule
user = User.objects.get(pk=author)
for text in texts:
    schedule(user=user, room=room, text=text, send_at=timezone.now() + timedelta(hours=1), client_id=uuid4().hex)
now = timezone.now()
result = Scheduled.objects.filter(author=user).update(send_at=now, due_at=now)
"""

_LEFT = """
from chat.models import Message, Scheduled
result = {"waiting": Scheduled.objects.filter(room=room).count(),
          "texts": list(Message.objects.filter(room=room).order_by("number").values_list("text", flat=True))}
"""


async def left(pair: Pair, room: int) -> dict[str, Any]:
    return dict(await asyncio.to_thread(pair.backstage.run, _LEFT, room=room))


@pytest.fixture
def site(fragile_pair: Pair) -> Iterator[Pair]:
    """With a beat; the test starts its workers."""
    fragile_pair.stack.start_beat("scheduled-beat")
    yield fragile_pair
    names = {"scheduled-beat", "scheduled-doomed", "scheduled-one", "scheduled-two"}
    for name in names & fragile_pair.stack.running.keys():
        fragile_pair.stack.kill(name)


async def test_each_is_sent_once_by_two_workers_though_another_died_in_the_middle(site: Pair) -> None:
    ada, bo = site.person(), site.person()
    room = site.room(ada, bo)
    texts = [f"scheduled {n}" for n in range(30)]
    async with site.client(bo, "b", f"room:{room}", timeout_s=WITHIN_S) as phone:
        # Dies when a message, the end of its row and the event are written, and nothing is committed; not the first.
        doomed = site.stack.launch_worker(
            "scheduled-doomed", "--pool", "solo", environment={"REALTIME_FAILPOINT": "scheduled:5"}
        )
        # What starts processes or works behind the scenes goes to threads: a client has pings to answer.
        await asyncio.to_thread(site.backstage.run, _SCHEDULE, author=ada.id, room=room, texts=texts)
        await await_until(lambda: doomed.returncode is not None, "the worker dies", timeout_s=WITHIN_S)
        site.stack.running.pop("scheduled-doomed")
        found = await left(site, room)
        assert found["texts"] == texts[:4]
        assert found["waiting"] == 26

        await asyncio.to_thread(site.stack.start_worker, "scheduled-one")
        await asyncio.to_thread(site.stack.start_worker, "scheduled-two")

        async def all_are_sent() -> bool:
            return not (await left(site, room))["waiting"]

        await await_until(all_are_sent, "everything is sent", timeout_s=WITHIN_S)
        assert sorted((await left(site, room))["texts"]) == sorted(texts)
        heard = [await phone.next_event("chat.message_created") for _ in texts]
        assert sorted(event["data"]["message"]["text"] for event in heard) == sorted(texts)
        assert [event["data"]["message"]["number"] for event in heard] == list(range(1, 31))
