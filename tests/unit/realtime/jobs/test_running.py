"""How a job gets on: in steps, by one worker, over deaths and slices, to one end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from realtime.jobs import running
from realtime.jobs.models import Job, State
from realtime.jobs.running import job_claim_due, job_retain, job_run
from realtime.jobs.services import cancel, job_remove, start_job
from tests.support import jobs
from tests.support.jobs import noted
from tests.support.notices import published
from tests.support.people import client_id, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("job_files")]


def started(owner, kind="testing.count", **args) -> Job:
    return start_job(kind, owner, args or None, key=client_id())


def work_off(job: Job) -> Job:
    """What ticks and workers do, until the job is over."""
    while job_id := next(iter(job_claim_due()), None):
        while job_run(job_id):
            pass
    job.refresh_from_db()
    return job


def lease_runs_out(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))


def states(owner) -> list[str]:
    return [event["job"]["state"] for event in published(f"user:{owner.pk}", "jobs.changed")]


def test_a_job_goes_from_queued_to_done_and_says_so():
    ada = make_user()
    job = work_off(started(ada, to=3))
    assert (job.state, job.done, job.total, job.message) == (State.DONE, 3, 3, "Counted to 3.")
    assert noted(ada) == ["1", "2", "3"]
    assert states(ada) == ["queued", "running", "done"]
    assert job.expires_at - job.finished_at == timedelta(days=7)
    assert job_claim_due() == []


def test_a_step_that_dies_takes_its_writes_back_and_the_job_goes_on_from_the_checkpoint(monkeypatch):
    ada = make_user()
    job = started(ada, to=3)
    real, calls = running._save, []

    def dies_at_the_second(*args):
        calls.append(args)
        if len(calls) == 2:
            raise OperationalError("server closed the connection")
        real(*args)

    monkeypatch.setattr(running, "_save", dies_at_the_second)
    assert job_claim_due() == [job.pk]
    assert not job_run(job.pk)
    assert noted(ada) == ["1"]
    assert job_claim_due() == []  # its lease holds
    lease_runs_out(job)
    assert work_off(job).state == State.DONE
    assert noted(ada) == ["1", "2", "3"]


def test_one_of_several_messages_about_a_job_has_it_begun():
    job = started(make_user(), to=2)
    job_claim_due()
    assert running._begin(job.pk) is not None
    assert running._begin(job.pk) is None
    assert not job_run(job.pk)


def test_who_was_taken_for_dead_can_save_nothing():
    ada = make_user()
    job = started(ada, to=5)
    job_claim_due()
    slow = running._begin(job.pk)
    lease_runs_out(job)
    assert work_off(job).state == State.DONE
    with pytest.raises(running._Lost):
        running._work(slow, running.known_kind("testing.count"))
    assert noted(ada) == ["1", "2", "3", "4", "5"]


def test_a_job_gives_its_worker_back_after_a_slice(settings):
    settings.REALTIME = {**settings.REALTIME, "JOB_SLICE_S": 0.0}
    ada = make_user()
    job = started(ada, to=3)
    job_claim_due()
    assert job_run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, noted(ada)) == (State.RUNNING, 1, ["1"])
    while job_run(job.pk):
        pass
    job.refresh_from_db()
    assert (job.state, noted(ada)) == (State.DONE, ["1", "2", "3"])
    assert states(ada) == ["queued", "running", "done"]


def test_a_cancelled_job_stops_at_its_next_step_which_is_taken_back(monkeypatch, settings):
    settings.REALTIME = {**settings.REALTIME, "JOB_PROGRESS_INTERVAL_S": 0.0}
    ada = make_user()
    job = started(ada, to=9)
    monkeypatch.setattr(running, "_report", lambda row, step: step.done == 2 and cancel(row.pk))
    assert work_off(job).state == State.CANCELLED
    assert noted(ada) == ["1", "2"]
    assert states(ada) == ["queued", "running", "cancelled"]


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"refuse_at": 2}, "There is no more of it. Order some."),
        ({"fail_at": 2}, "Something went wrong on our side, and was logged as job {id}. "),
    ],
)
def test_a_job_that_fails_says_what_to_do(args, error):
    ada = make_user()
    job = work_off(started(ada, to=3, **args))
    assert job.state == State.FAILED
    assert job.error.startswith(error.format(id=job.pk))
    assert noted(ada) == ["1"]
    assert states(ada) == ["queued", "running", "failed"]


def test_a_job_of_a_kind_that_is_gone_fails_with_a_sentence(monkeypatch):
    job = started(make_user(), to=1)
    Job.objects.update(kind="testing.gone")
    assert work_off(job).error == "There is no job kind 'testing.gone'."


def test_a_job_that_never_gets_on_is_given_up(settings):
    job = started(make_user(), to=1)
    for _ in range(5):
        assert job_claim_due() == [job.pk]
        running._begin(job.pk)
        lease_runs_out(job)
    assert job_claim_due() == []
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "interrupted several times" in job.error


def test_a_result_stays_and_the_parts_go(tmp_path):
    job = work_off(started(make_user(), "testing.write", to=3))
    assert [path.name for path in tmp_path.glob("*/*")] == ["all.txt"]
    assert (tmp_path / job.folder / "all.txt").read_bytes() == b"1\n2\n3\n"
    assert (job.file, job.file_bytes, job.done, job.total) == ("all.txt", 6, 3, None)


def test_nothing_is_left_of_a_job_that_was_removed_while_a_worker_was_at_it(monkeypatch, tmp_path):
    ada = make_user()
    job = started(ada, "testing.write", to=3)
    real = running._save

    def removed_after_the_first(row, step):
        if step.done == 2:
            job_remove(ada, job.pk, client_id=client_id())
        real(row, step)

    monkeypatch.setattr(running, "_save", removed_after_the_first)
    job_claim_due()
    assert not job_run(job.pk)
    assert not Job.objects.exists()
    assert list(tmp_path.iterdir()) == []
    assert published(f"user:{ada.pk}", "jobs.removed") == [{"job": job.pk}]


def test_jobs_and_files_go_when_their_time_is_over(tmp_path):
    ada = make_user()
    old, new = (work_off(started(ada, "testing.write", to=1)) for _ in range(2))
    orphan = tmp_path / jobs.count.__name__
    orphan.mkdir()
    (orphan / "1.part").write_text("1")
    Job.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    job_retain()
    assert list(Job.objects.all()) == [new]
    assert [path.name for path in tmp_path.iterdir()] == [new.folder]


def test_progress_is_told_now_and_then_and_a_step_costs_the_same_few_queries(monkeypatch):
    told = []
    monkeypatch.setattr(running, "publish_transient", lambda stream, event: told.append(event.done))
    counts = [queries_of(started(make_user(), to=steps)) for steps in (10, 50)]
    # Two transactions, what it writes itself, and the lock and the update of the job.
    assert counts[1] - counts[0] == 40 * 7
    assert told[0] == 1
    assert len(told) < 60


def queries_of(job: Job) -> int:
    job_claim_due()
    with CaptureQueriesContext(connection) as queries:
        job_run(job.pk)
    return len(queries)
