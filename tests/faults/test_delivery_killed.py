"""A Celery worker dies by SIGKILL between the other side's yes and our commit, in the middle of a chunk of messages."""

import asyncio
from collections import Counter

import pytest

from realtime.testing.waiting import await_until

pytestmark = pytest.mark.faults

DONE_S = 60.0  # a lease of 3 s, and the start of a worker
TELL = """
from accounts.models import User
from notifications.notify import notify
notify("faults.posted", to=User.objects.values_list("pk", flat=True), data={}, key="killed")
"""
# Of this notice: people of the same town are told of other things too.
SENT = """
SELECT count(*) FROM notifications_delivery WHERE state = 'sent'
AND notice_id = (SELECT id FROM notifications_notice WHERE type = 'faults.posted')
"""


async def test_messages_whose_worker_dies_go_out_once_but_for_the_one_it_had_in_hand(
    town, new_scene, tmp_path
) -> None:
    """Which goes again under the same id: the other side can tell."""
    book = tmp_path / "book"
    environment = {"LOGBOOK": str(book)}
    async with new_scene(without=["worker2"]):
        town.restart("worker1", {**environment, "REALTIME_FAILPOINT": "delivery_sent:30"}, "--pool", "solo")
        await asyncio.to_thread(town.topology.stack.manage, "shell", "--no-imports", "-c", TELL)
        await await_until(lambda: town.died("worker1"), "the worker dies", timeout_s=DONE_S)
        assert len(entries(book)) == 30
        for name in ("worker1", "worker2"):
            town.restart(name, environment)
        await await_until(lambda: not _unsent(town), "all are sent", timeout_s=DONE_S)
        sent = Counter(entries(book))
        people = town.rows("SELECT count(*) FROM accounts_user")[0][0]
        assert len(sent) == people
        assert sorted(sent.values()) == [1] * (people - 1) + [2]


def entries(book) -> list[str]:
    """A line for each message that went out: to whom, and its id."""
    return book.read_text().splitlines() if book.exists() else []


def _unsent(town) -> bool:
    """Whether somebody has not got it yet, in the app or outside."""
    ((sent,),) = town.rows(SENT)
    ((people,),) = town.rows("SELECT count(*) FROM accounts_user")
    return sent < 2 * people
