"""Jobs over the socket."""

from msgspec import Struct

from realtime.jobs import services
from realtime.jobs.status import JobStatus
from realtime.registry import Context, command


class ListJobs(Struct, frozen=True):
    pass


class Jobs(Struct, frozen=True):
    """The user's jobs, newest first."""

    jobs: list[JobStatus]


class OneJob(Struct, frozen=True):
    job: int
    client_id: str


@command("jobs.list")
def job_list(context: Context, args: ListJobs) -> Jobs:
    return Jobs(services.jobs_of(context.user))


@command("jobs.cancel")
def cancel(context: Context, args: OneJob) -> JobStatus:
    """Call a job off; one that has ended stays as it is."""
    return services.job_cancel(context.user, args.job, client_id=args.client_id)


@command("jobs.remove")
def remove(context: Context, args: OneJob) -> None:
    """Delete a job and its file."""
    services.job_remove(context.user, args.job, client_id=args.client_id)
