"""What a draft is still waiting for: jobs that read its file of people, fetch its picture, or count its rehearsal.

A job names the draft and what it was begun for; where the draft says something else by then, the job changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import IO, Any

import msgspec
from django.db import transaction

from notifications.errors import PeopleNotRead, PictureNotFetched
from notifications.models import Broadcast, Status
from realtime import Struct
from realtime.jobs.models import OPEN, Job
from realtime.jobs.services import start_job
from realtime.jobs.status import JobStatus

READ_PEOPLE, FETCH_PICTURE, REHEARSE = (
    "notifications.import_people",
    "notifications.fetch_picture",
    "notifications.rehearse",
)
PEOPLE_FILE = "people"
_KEPT_JOBS = 20


class ReadPeople(Struct, frozen=True):
    broadcast: int
    upload: str


class FetchPicture(Struct, frozen=True):
    broadcast: int
    url: str


class Rehearse(Struct, frozen=True):
    """`fingerprint` is that of what the draft says; `at` when it would go out."""

    broadcast: int
    fingerprint: str
    at: datetime


def new_upload(name: str) -> dict[str, Any]:
    """The `people_file` of a draft whose file is still to be read."""
    return {"name": name[:100], "upload": uuid.uuid4().hex, "reading": True}


def read_people_later(draft: Broadcast, file: IO[bytes], *, by: Any) -> None:
    """In the caller's transaction, as the others here. Raises TooManyJobs."""
    assert draft.people_file is not None
    job = _start(draft, READ_PEOPLE, ReadPeople(draft.pk, draft.people_file["upload"]), by)
    job.files.write(PEOPLE_FILE, file)


def fetch_picture_later(draft: Broadcast, *, by: Any) -> None:
    """Unless that is under way."""
    args = FetchPicture(draft.pk, draft.image_url)
    begun = _jobs(draft).filter(kind=FETCH_PICTURE, state__in=OPEN)
    if args not in [msgspec.json.decode(job.args, type=FetchPicture) for job in begun]:
        _start(draft, FETCH_PICTURE, args, by)


def rehearse_later(draft: Broadcast, fingerprint: str, *, at: datetime, by: Any) -> None:
    """One at a time: what it counts for, it says."""
    if not _jobs(draft).filter(kind=REHEARSE, state__in=OPEN).exists():
        _start(draft, REHEARSE, Rehearse(draft.pk, fingerprint, at), by)


def work_of(draft: Broadcast) -> list[JobStatus]:
    """The latest job of each kind, as far as it is kept. One query."""
    latest: dict[str, Job] = {}
    for job in _jobs(draft).order_by("pk"):
        latest[job.kind] = job
    return [JobStatus.of(job) for job in latest.values()]


def job_of_draft(draft: Broadcast, job_id: int) -> Job | None:
    return _jobs(draft).filter(pk=job_id).first()


def picture_is_missing(draft: Broadcast) -> bool:
    """Whether it is to have a picture that has not been fetched."""
    return bool(draft.image_url and not draft.image)


def people_are_missing(draft: Broadcast) -> bool:
    """Whether its file of people has not been read."""
    return bool((draft.people_file or {}).get("reading"))


def check_ready(draft: Broadcast) -> None:
    """Raises PeopleNotRead, PictureNotFetched where it is not yet what its form says."""
    if people_are_missing(draft):
        raise PeopleNotRead
    if picture_is_missing(draft):
        raise PictureNotFetched


def draft_as_begun(broadcast_id: int) -> Broadcast | None:
    """The draft, locked; None where it was sent or is gone. For the steps of a job."""
    drafts = Broadcast.objects.select_for_update(of=("self",))
    return drafts.filter(pk=broadcast_id, status=Status.DRAFT).first()


def _jobs(draft: Broadcast) -> Any:
    return Job.objects.filter(pk__in=draft.jobs)


@transaction.atomic
def _start(draft: Broadcast, kind: str, args: Mapping[str, Any] | Struct, by: Any) -> Job:
    job = start_job(kind, by, args, key=f"{draft.pk}:{uuid.uuid4()}")
    draft.jobs = [*draft.jobs, job.pk][-_KEPT_JOBS:]
    Broadcast.objects.filter(pk=draft.pk).update(jobs=draft.jobs)
    return job
