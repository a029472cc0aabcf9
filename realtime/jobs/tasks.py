"""Celery's doors to jobs: each task takes ids, and may run any number of times."""

from celery import shared_task

from realtime.jobs import running

# A step that hangs costs a worker no more than this, in seconds (the pools prefork and gevent can enforce it).
HARD_LIMIT_S = 600


@shared_task(name="realtime.jobs.tasks.tick", ignore_result=True)  # type: ignore[untyped-decorator]
def tick() -> None:
    """Every few seconds from every beat: hand each due job to a worker. One whose message is lost falls due again."""
    for job_id in running.job_claim_due():
        run.delay(job_id)


@shared_task(name="realtime.jobs.tasks.run", ignore_result=True, time_limit=HARD_LIMIT_S)  # type: ignore[untyped-decorator]
def run(job_id: int) -> None:
    """One slice of a job. Between slices other work has its turn."""
    if running.job_run(job_id):
        run.delay(job_id)


@shared_task(name="realtime.jobs.tasks.retain", ignore_result=True)  # type: ignore[untyped-decorator]
def retain() -> None:
    """Once an hour: jobs and files whose time is over."""
    running.job_retain()
