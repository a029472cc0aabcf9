"""A Celery worker dies by SIGKILL in the middle of an export."""

import pytest

from realtime.testing.waiting import await_until

pytestmark = pytest.mark.faults

DONE_S = 60.0  # a lease of 3 s, and the start of a worker

START = """
from accounts.models import User
from realtime.jobs.services import start_job

print(start_job("accounts.export", User.objects.get(pk={user}), key="killed").pk)
"""


async def test_an_export_whose_worker_dies_goes_on_from_its_checkpoint_and_ends_once(town, new_scene) -> None:
    async with new_scene(without=["worker2"]) as scene:
        town.restart("worker1", {"REALTIME_FAILPOINT": "job_step:3"}, "--pool", "solo")
        owner = town.members[0]
        scene.streams = [f"user:{owner.id}"]
        person = await scene.enter(person=owner)
        job = int(town.topology.stack.manage("shell", "--no-imports", "-c", START.format(user=owner.id)))
        await await_until(lambda: town.died("worker1"), "the worker dies", timeout_s=DONE_S)
        state, done, checkpoint = _job(town, job)
        assert state == "running"
        assert checkpoint != "null", "two steps are saved"
        town.restart("worker1")
        await await_until(lambda: _job(town, job)[0] == "done", "the export is done", timeout_s=DONE_S)
        assert _job(town, job)[1] >= done
        assert town.rows("SELECT attempts FROM jobs_job WHERE id = ?", job) == [(0,)]
        await scene.settle()
        states = [
            event["data"]["job"]["state"]
            for event in person.client.events
            if event["name"] == "jobs.changed" and event["data"]["job"]["id"] == job
        ]
        assert states == ["queued", "running", "done"]
        told = "SELECT count(*) FROM notifications_notice WHERE key = ?"
        assert town.rows(told, f"job:{job}") == [(1,)]
        scene.verdict()


def _job(town, id: int) -> tuple[str, int, str]:
    (row,) = town.rows("SELECT state, done, checkpoint FROM jobs_job WHERE id = ?", id)
    return row
