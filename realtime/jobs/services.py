"""What is done with jobs from outside: started by apps; read, cancelled and removed by their owners."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from realtime import conf
from realtime.idempotency import once
from realtime.jobs.declarations import JobKind, kept_for, known_kind
from realtime.jobs.errors import BadJobArgs, BadJobKey, JobNotFound, TooManyJobs
from realtime.jobs.events import JobChanged, JobRemoved
from realtime.jobs.models import OPEN, Job, State
from realtime.jobs.nudge import nudge
from realtime.jobs.status import JobStatus
from realtime.publish import publish

MAX_KEY_CHARS = 200
_MAX_ID = 2**63 - 1


@transaction.atomic
def start_job(kind: str, owner: Any, args: Mapping[str, Any] | Any = None, *, key: str) -> Job:
    """Starts a job for `owner`, once per `key` as long as that job is kept; again returns the first one.

    Of a `single` kind, one that is still open is returned whatever its key. Belongs to the caller's transaction, and
    locks the owner's row for the rest of it. Raises UnknownJobKind, BadJobKey, BadJobArgs, TooManyJobs.
    """
    declared = known_kind(kind)
    if not 0 < len(key) <= MAX_KEY_CHARS:
        raise BadJobKey
    stored_args = _checked(declared, args)
    # One start at a time per person: the counts below stay true. It does not hold up rows that refer to the user.
    get_user_model().objects.select_for_update(no_key=True).get(pk=owner.pk)
    mine = Job.objects.filter(owner=owner)
    known = mine.filter(kind=kind, key=key).first()
    if known is None and declared.single:
        known = mine.filter(kind=kind, state__in=OPEN).first()
    if known is not None:
        return known
    if mine.filter(state__in=OPEN).count() >= conf.get("MAX_OPEN_JOBS_PER_USER"):
        raise TooManyJobs
    a_day_ago = timezone.now() - timedelta(days=1)
    if mine.filter(created_at__gt=a_day_ago).count() >= conf.get("MAX_JOBS_PER_USER_AND_DAY"):
        raise TooManyJobs("You have started many jobs since yesterday. Try again tomorrow.")
    job = Job.objects.create(owner=owner, kind=kind, key=key, args=stored_args)
    publish(job.stream, JobChanged(JobStatus.of(job)))
    transaction.on_commit(nudge, robust=True)
    return job


def jobs_of(user: Any) -> list[JobStatus]:
    """The user's jobs, newest first. One query."""
    return [JobStatus.of(job) for job in Job.objects.filter(owner=user)[: conf.get("JOBS_SHOWN")]]


def job_of(user: Any, job_id: int) -> Job:
    """A job of the user's own. Raises JobNotFound."""
    job = Job.objects.filter(owner=user, pk=job_id).first() if 0 < job_id <= _MAX_ID else None
    if job is None:
        raise JobNotFound
    return job


def job_for_watching(user: Any, job_id: int) -> Job:
    """A job of the user's own, or anybody's for staff who may view jobs. Raises JobNotFound."""
    if user.is_active and user.is_staff and user.has_perm("jobs.view_job"):
        job = Job.objects.filter(pk=job_id).first() if 0 < job_id <= _MAX_ID else None
        if job is None:
            raise JobNotFound
        return job
    return job_of(user, job_id)


def job_cancel(user: Any, job_id: int, *, client_id: str) -> JobStatus:
    """Calls a job of the user's own off; one that has ended stays as it is. Raises JobNotFound, and what `once` raises.

    A worker that is at it notices at its next step, which it then takes back.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="jobs.cancel",
        result=JobStatus,
        run=lambda: JobStatus.of(cancel(job_of(user, job_id).pk)),
    )


def job_remove(user: Any, job_id: int, *, client_id: str) -> None:
    """Deletes a job of the user's own and its file, and calls it off where it is open. Raises JobNotFound, and what
    `once` raises.
    """
    once(
        user_id=user.pk,
        client_id=client_id,
        name="jobs.remove",
        result=None,
        run=lambda: remove(job_of(user, job_id)),
    )


@transaction.atomic
def cancel(job_id: int) -> Job:
    """Calls a job off, whoever's it is. Raises JobNotFound."""
    job = Job.objects.select_for_update(of=("self",)).filter(pk=job_id).first()
    if job is None:
        raise JobNotFound
    if job.is_open:
        end(job, State.CANCELLED)
        job.save()
        publish(job.stream, JobChanged(JobStatus.of(job)))
        transaction.on_commit(job.files.delete, robust=True)
    return job


@transaction.atomic
def remove(job: Job) -> None:
    """Deletes a job. A worker that is at it finds nothing to go on with, and cleans up."""
    publish(job.stream, JobRemoved(job.pk))
    transaction.on_commit(job.files.delete, robust=True)
    job.delete()


def end(job: Job, state: State) -> None:
    """Sets what every ended job has; the caller holds its lock, and saves it."""
    job.state = state
    job.claim = job.claimed_until = None
    job.finished_at = timezone.now()
    job.expires_at = job.finished_at + kept_for(job.kind)


def _checked(declared: JobKind, args: Any) -> str:
    try:
        return msgspec.json.encode(msgspec.convert(args, declared.args)).decode()
    except msgspec.ValidationError as error:
        raise BadJobArgs(f"The arguments of {declared.name} do not fit: {error}.") from None
