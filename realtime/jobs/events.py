"""What jobs announce to their owner, on `user:<id>`."""

from msgspec import Struct

from realtime.jobs.status import JobStatus
from realtime.registry import event


@event("jobs.changed")
class JobChanged(Struct, frozen=True):
    """A job is new, was begun, or has ended."""

    job: JobStatus


@event("jobs.progressed")
class JobProgressed(Struct, frozen=True):
    """A running job has got on. Transient, and only now and then: the next one, or the end, says the same and more."""

    job: int
    done: int
    total: int | None
    message: str


@event("jobs.removed")
class JobRemoved(Struct, frozen=True):
    """A job and its file are gone: its owner removed it, or its time was over."""

    job: int
