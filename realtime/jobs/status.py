"""A job as its owner sees it, on the wire and over HTTP."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from realtime.jobs.declarations import label_of
from realtime.jobs.models import Job


class JobFile(Struct, frozen=True):
    """The result to download: what it is called, and its size in bytes."""

    name: str
    bytes: int


class JobStatus(Struct, frozen=True):
    """`state` is queued, running, done, failed or cancelled. `total` null: not known how much there is to do.

    `error` says what went wrong and what to do. After `expires_at` the job and its file are deleted.
    """

    id: int
    kind: str
    label: str
    state: str
    done: int
    total: int | None
    message: str
    error: str
    file: JobFile | None
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> JobStatus:
        return cls(
            id=job.pk,
            kind=job.kind,
            label=label_of(job.kind),
            state=job.state,
            done=job.done,
            total=job.total,
            message=job.message,
            error=job.error,
            file=JobFile(job.download_as, job.file_bytes) if job.file else None,
            created_at=job.created_at,
            finished_at=job.finished_at,
            expires_at=job.expires_at,
        )
