"""The golden test of jobs: a list and the events after it equal a fresh list, as it does in the page."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from django.utils import timezone

from realtime.jobs.models import Job
from realtime.jobs.running import job_claim_due, job_retain, job_run
from realtime.jobs.services import cancel, jobs_of, remove, start_job
from realtime.log.models import Event
from realtime.registry import registry
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def changed(state: dict[int, Any], data: Any) -> None:
    state[data["job"]["id"]] = data["job"]


def removed(state: dict[int, Any], data: Any) -> None:
    state.pop(data["job"], None)


DURABLE = {"jobs.changed": changed, "jobs.removed": removed}


def listed(user) -> dict[int, Any]:
    jobs = msgspec.json.decode(msgspec.json.encode(jobs_of(user)))
    return {job["id"]: job for job in jobs}


def test_every_event_kind_has_a_case():
    assert {name for name in registry.events if name.startswith("jobs.")} == {*DURABLE, "jobs.progressed"}


@pytest.mark.usefixtures("job_files")
def test_a_list_and_the_events_after_it_equal_a_fresh_list():
    ada = make_user()
    start_job("testing.write", ada, {"to": 2}, key="before")
    state = listed(ada)
    seen = Event.objects.latest("id").pk
    for number, args in enumerate(({"to": 2}, {"to": 2, "fail_at": 1}), start=1):
        start_job("testing.count", ada, args, key=f"{number}")
    for job_id in job_claim_due():
        job_run(job_id)
    for number in (3, 4, 5):
        start_job("testing.count", ada, {"to": 1}, key=f"{number}")
    cancelled, going, expired = Job.objects.filter(owner=ada)[:3]
    cancel(cancelled.pk)
    remove(going)
    cancel(expired.pk)
    Job.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    job_retain()
    for event in Event.objects.filter(stream=f"user:{ada.pk}", id__gt=seen, name__in=DURABLE).order_by("seq"):
        DURABLE[event.name](state, msgspec.json.decode(event.data))
    assert state == listed(ada)
    assert {job["state"] for job in state.values()} == {"done", "failed", "cancelled"}
