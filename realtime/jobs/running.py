"""How a job gets on: claimed by one worker, step after step, for a slice of its time, from the last checkpoint.

    queued --begin--> running --last step--> done
       ^                 |  `--------------> failed
       |                 |---- slice over: handed back, begun again from the checkpoint
       |                 `---- lease ran out: the same, by whoever the next tick finds
       `-- cancelled from either

A step and its checkpoint are saved under the worker's claim. One that was taken for dead, or whose job was cancelled
or removed, can save nothing any more.
"""

from __future__ import annotations

import logging
import time
import uuid
from contextlib import closing, nullcontext
from datetime import timedelta
from typing import Any

import msgspec
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from realtime import conf
from realtime.errors import RealtimeError
from realtime.failpoints import reach as failpoint
from realtime.jobs.declarations import JobKind, Result, Run, Step, Steps, known_kind
from realtime.jobs.events import JobChanged, JobProgressed
from realtime.jobs.files import delete_folders_except, folders
from realtime.jobs.models import MESSAGE_MAX_CHARS, OPEN, Job, State
from realtime.jobs.services import end, remove
from realtime.jobs.signals import job_ended
from realtime.jobs.status import JobStatus
from realtime.protocol.codec import encode
from realtime.publish import publish, publish_transient

logger = logging.getLogger(__name__)

_AGAIN = "Start it again; if that fails too, ask an administrator."
_BUG = "Something went wrong on our side, and was logged as job {id}. " + _AGAIN
_GIVEN_UP = "It was interrupted several times without getting on. " + _AGAIN


class _Lost(Exception):
    """The job is another worker's by now, or was cancelled or removed."""


def job_claim_due() -> list[int]:
    """Jobs that a worker should begin: new ones, and those whose worker died. Each for one of any number of callers."""
    now = timezone.now()
    claimed = []
    for job_id, attempts in (
        _due().order_by("pk").values_list("pk", "attempts")[: conf.get("JOB_CLAIM_BATCH")]
    ):
        if attempts >= conf.get("JOB_MAX_ATTEMPTS"):
            _give_up(job_id)
        # On every database one of many callers changes the row, the others change none.
        elif _due().filter(pk=job_id).update(claim=None, claimed_until=now + _lease()):
            claimed.append(job_id)
    return claimed


def job_run(job_id: int) -> bool:
    """Works on a job for a slice of time; whether it is to go on. Does nothing where another worker is at it."""
    job = _begin(job_id)
    if job is None:
        logger.info("Job %s is another worker's, or has ended.", job_id)
        return False
    try:
        return _work(job, known_kind(job.kind))
    except _Lost:
        logger.info("Job %s was taken away.", job_id)
        _clean_up(job)
    except (OperationalError, InterfaceError):
        logger.warning(
            "The database failed job %s: it goes on when its lease ran out.", job_id, exc_info=True
        )
    except RealtimeError as error:
        _fail(job, error.sentence)
    except Exception:
        logger.exception("Job %s (%s) failed.", job_id, job.kind)
        _fail(job, _BUG.format(id=job_id))
    return False


def job_retain() -> None:
    """Deletes jobs whose time is over with their files, and files whose job is gone."""
    there = folders()
    for job in Job.objects.filter(expires_at__lte=timezone.now()):
        remove(job)
    delete_folders_except(Job.objects.values_list("folder", flat=True), there)


# ---- claiming


def _due() -> Any:
    free = Q(claimed_until=None) | Q(claimed_until__lt=timezone.now())
    return Job.objects.filter(free, state__in=OPEN)


def _begin(job_id: int) -> Job | None:
    """A worker takes a job up that no other has begun; of several messages about it the first one serves."""
    claim, now = uuid.uuid4(), timezone.now()
    waiting = Job.objects.filter(pk=job_id, state__in=OPEN, claim=None)
    with transaction.atomic():
        begun = waiting.update(
            claim=claim,
            claimed_until=now + _lease(),
            attempts=F("attempts") + 1,
            state=State.RUNNING,
            started_at=Coalesce("started_at", now),
        )
        if not begun:
            return None
        job = Job.objects.select_related("owner").get(pk=job_id)
        if job.started_at == now:
            publish(job.stream, JobChanged(JobStatus.of(job)))
    return job


def _mine(job: Job) -> Job:
    """The row as it is now, locked. Raises _Lost."""
    row = Job.objects.select_for_update(of=("self",)).filter(pk=job.pk, claim=job.claim).first()
    if row is None:
        raise _Lost
    return row


def _lease() -> timedelta:
    return timedelta(seconds=conf.get("JOB_LEASE_S"))


# ---- working


def _work(job: Job, kind: JobKind) -> bool:
    args = msgspec.json.decode(job.args, type=kind.args)
    ends_at_s = time.monotonic() + conf.get("JOB_SLICE_S")
    report_at_s = time.monotonic()
    with closing(kind.steps(Run(job.pk, job.owner, args, job.place, job.files))) as steps:
        while True:
            failpoint("job_step")
            step = _next(job, kind, steps)
            if step is None:
                return False
            now_s = time.monotonic()
            if now_s >= report_at_s:
                _report(job, step)
                report_at_s = now_s + conf.get("JOB_PROGRESS_INTERVAL_S")
            if step.checkpoint is not None and now_s >= ends_at_s:
                return _hand_back(job)


def _next(job: Job, kind: JobKind, steps: Steps) -> Step | None:
    """Does the next step and saves it; None when that was the last."""
    with transaction.atomic() if kind.atomic else nullcontext():
        try:
            step = next(steps)
        except StopIteration as stop:
            _finish(job, stop.value or Result())
            return None
        _save(job, step)
        return step


@transaction.atomic
def _save(job: Job, step: Step) -> None:
    row = _mine(job)
    row.done, row.total, row.message = step.done, step.total, step.message[:MESSAGE_MAX_CHARS]
    if step.checkpoint is not None:
        row.checkpoint, row.attempts = encode(step.checkpoint).decode(), 0
    row.claimed_until = timezone.now() + _lease()
    row.save(update_fields=["done", "total", "message", "checkpoint", "attempts", "claimed_until"])


def _finish(job: Job, result: Result) -> None:
    size = job.files.size(result.file) if result.file else 0
    with transaction.atomic():
        row = _mine(job)
        if row.total is not None:
            row.done = row.total
        row.message = result.message[:MESSAGE_MAX_CHARS]
        row.file, row.file_bytes, row.download_as = result.file, size, result.download_as or result.file
        _end(row, State.DONE)
        transaction.on_commit(lambda: job.files.delete(but=result.file), robust=True)


def _fail(job: Job, sentence: str) -> None:
    try:
        with transaction.atomic():
            row = _mine(job)
            row.error = sentence
            _end(row, State.FAILED)
    except _Lost:
        logger.info("Job %s was taken away before its failure could be noted.", job.pk)
    _clean_up(job)


@transaction.atomic
def _give_up(job_id: int) -> None:
    row = _due().select_for_update().filter(pk=job_id).first()
    if row is not None:
        logger.error("Job %s was begun %s times without getting on: given up.", job_id, row.attempts)
        row.error = _GIVEN_UP
        _end(row, State.FAILED)
        transaction.on_commit(row.files.delete, robust=True)


def _end(row: Job, state: State) -> None:
    end(row, state)
    row.save()
    publish(row.stream, JobChanged(JobStatus.of(row)))
    job_ended.send(Job, job=row)


def _hand_back(job: Job) -> bool:
    """Free again, for the message that follows; where that is lost, for the tick after the lease."""
    waiting = Job.objects.filter(pk=job.pk, claim=job.claim)
    return bool(waiting.update(claim=None, claimed_until=timezone.now() + _lease()))


def _report(job: Job, step: Step) -> None:
    publish_transient(
        job.stream, JobProgressed(job.pk, step.done, step.total, step.message[:MESSAGE_MAX_CHARS])
    )


def _clean_up(job: Job) -> None:
    """Files of a job that has ended, or is gone, are of no use; one that another worker is at needs them."""
    if not Job.objects.filter(pk=job.pk, state__in=[*OPEN, State.DONE]).exists():
        job.files.delete()
