"""Starting, watching, cancelling and fetching jobs: once, within bounds, and only one's own."""

from __future__ import annotations

import asyncio

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from realtime.jobs.errors import BadJobArgs, BadJobKey, JobNotFound, TooManyJobs, UnknownJobKind
from realtime.jobs.models import Job, State
from realtime.jobs.running import job_claim_due, job_run
from realtime.jobs.services import cancel, job_cancel, job_for_watching, jobs_of, start_job
from tests.support.notices import published
from tests.support.people import PASSWORD, client_id, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("job_files")]
TO_3 = {"to": 3}


def test_a_job_is_started_once_per_key():
    ada, ben = make_user(), make_user()
    first = start_job("testing.count", ada, TO_3, key="import:7")
    assert start_job("testing.count", ada, {"to": 9}, key="import:7") == first
    assert start_job("testing.count", ben, TO_3, key="import:7") != first
    assert len(published(first.stream, "jobs.changed")) == 1


def test_a_single_kind_has_one_open_job():
    ada = make_user()
    first = start_job("testing.write", ada, TO_3, key="1")
    assert start_job("testing.write", ada, TO_3, key="2") == first
    cancel(first.pk)
    assert start_job("testing.write", ada, TO_3, key="2") != first


def test_a_person_has_a_bounded_number_of_jobs(settings):
    settings.REALTIME = {**settings.REALTIME, "MAX_JOBS_PER_USER_AND_DAY": 4}
    ada = make_user()
    jobs = [start_job("testing.count", ada, TO_3, key=f"{n}") for n in range(3)]
    with pytest.raises(TooManyJobs, match="Wait until one of them ends"):
        start_job("testing.count", ada, TO_3, key="4")
    cancel(jobs[0].pk)
    start_job("testing.count", ada, TO_3, key="4")
    cancel(jobs[1].pk)
    with pytest.raises(TooManyJobs, match="tomorrow"):
        start_job("testing.count", ada, TO_3, key="5")
    start_job("testing.count", make_user(), TO_3, key="5")


@pytest.mark.parametrize(
    ("kind", "args", "key", "error"),
    [
        ("testing.unknown", None, "k", UnknownJobKind),
        ("testing.count", {"to": "many"}, "k", BadJobArgs),
        ("testing.stuck", {"to": 1}, "k", BadJobArgs),
        ("testing.count", TO_3, "", BadJobKey),
        ("testing.count", TO_3, "k" * 201, BadJobKey),
    ],
)
def test_what_cannot_be_started_is_refused(kind, args, key, error):
    with pytest.raises(error):
        start_job(kind, make_user(), args, key=key)
    assert not Job.objects.exists()


def test_only_the_owner_cancels_and_a_repetition_changes_nothing():
    ada, ben = make_user(), make_user()
    job = start_job("testing.count", ada, TO_3, key="k")
    with pytest.raises(JobNotFound):
        job_cancel(ben, job.pk, client_id=client_id())
    again = client_id()
    assert job_cancel(ada, job.pk, client_id=again) == job_cancel(ada, job.pk, client_id=again)
    assert job_cancel(ada, job.pk, client_id=client_id()).state == State.CANCELLED
    assert len(published(job.stream, "jobs.changed")) == 2


def test_the_list_has_ones_own_jobs_with_one_query(django_assert_num_queries):
    ada = make_user()
    for n in range(3):
        start_job("testing.count", ada, TO_3, key=f"{n}")
    start_job("testing.count", make_user(), TO_3, key="k")
    with django_assert_num_queries(1):
        listed = jobs_of(ada)
    assert [job.label for job in listed] == ["Counting"] * 3
    assert listed[0].id > listed[-1].id


def test_staff_with_the_permission_may_watch_but_not_fetch(client):
    ada, ben = make_user(), make_user(is_staff=True)
    job = done(ada)
    with pytest.raises(JobNotFound):
        job_for_watching(ben, job.pk)
    ben.user_permissions.add(Permission.objects.get(codename="view_job"))
    client.login(username=ben.username, password=PASSWORD)
    assert client.get(f"/api/jobs/{job.pk}").json()["state"] == "done"
    assert client.get(f"/api/jobs/{job.pk}/file").status_code == 404
    assert client.post(f"/api/jobs/{job.pk}/cancel", {"client_id": "1"}, "application/json").status_code in {
        403,
        404,
    }


def test_a_result_is_a_download_for_its_owner_alone(client):
    ada, ben = make_user(), make_user()
    job = done(ada)
    path = f"/api/jobs/{job.pk}/file"
    assert client.get(path).status_code == 401
    client.force_login(ben)
    assert client.get(path).status_code == 404
    client.force_login(ada)
    response = client.get(path)
    assert asyncio.run(whole(response)) == b"1\n2\n3\n"
    assert response["Content-Length"] == "6"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"].startswith("attachment; ")
    assert not {"\r", "\n"} & set(response["Content-Disposition"])
    Job.objects.update(expires_at=timezone.now())
    assert client.get(path).json()["code"] == "job_file_not_found"


async def whole(response) -> bytes:
    return b"".join([piece async for piece in response.streaming_content])


def done(owner) -> Job:
    job = start_job("testing.write", owner, TO_3, key="k")
    job_claim_due()
    job_run(job.pk)
    job.refresh_from_db()
    assert job.state == State.DONE
    return job
