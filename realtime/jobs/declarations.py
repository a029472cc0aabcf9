"""Kinds of jobs, as apps declare them.

    @job("shop.reprice", label="New prices", args=Rise)
    def reprice(run: Run) -> Steps:
        orders = Order.objects.filter(pk__gt=run.checkpoint or 0).order_by("pk")
        while some := list(orders.filter(…)[:500]):
            …                                             # committed together with the checkpoint
            yield Step(done=…, total=…, checkpoint=some[-1].pk)
        return Result("500 orders have new prices.")

The function is called again, with the last checkpoint, whenever the job goes on: after its slice of a worker's time,
and after a worker died. There is no other way of resuming.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from realtime import conf
from realtime.jobs.errors import UnknownJobKind
from realtime.jobs.files import JobFiles

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far the job is. `total` None: not known. `checkpoint` is what the function needs to go on from here, any JSON
    value; None says only that it is alive, and leaves the place to go on from where it was.
    """

    done: int = 0
    total: int | None = None
    message: str = ""
    checkpoint: Any = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a job leaves its owner: a sentence, and a file out of `run.files`, offered under the name `download_as`."""

    message: str = ""
    file: str = ""
    download_as: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What the function of a kind gets. `checkpoint` is None at the very start."""

    job_id: int
    owner: Any
    args: Any
    checkpoint: Any
    files: JobFiles


Steps = Generator[Step, None, Result | None]


@dataclass(frozen=True, slots=True)
class JobKind:
    """One declared kind."""

    name: str
    label: str
    args: Any
    steps: Callable[[Run], Steps]
    atomic: bool
    single: bool
    keep: timedelta | None
    told: bool


F = TypeVar("F", bound=Callable[[Run], Steps])

_kinds: dict[str, JobKind] = {}


def job(
    name: str,
    *,
    label: str,
    args: Any = None,
    atomic: bool = True,
    single: bool = False,
    keep: timedelta | None = None,
    told: bool = True,
) -> Callable[[F], F]:
    """Registers a generator function as the steps of a kind. `args` is the Struct of what a job is started with;
    None: with nothing.

    A step is what happens up to a `yield`: one transaction with its checkpoint, short, because it may hold locks; on
    SQLite nobody else can write while it runs. `atomic=False` is for steps that only read, or write files: one that
    was interrupted runs again. A `single` kind has one open job per person. `keep` is how long an ended one is kept;
    None is the setting JOB_KEEP_DAYS. `told=False`: its end is no news, its owner looks on anyway.
    """
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is not a name of the form app.thing, in lower case.")

    def register(steps: F) -> F:
        declared = JobKind(name, label, args, steps, atomic, single, keep, told)
        if _kinds.setdefault(name, declared).steps is not steps:
            raise ValueError(f"The job kind {name!r} is registered twice: rename one of them.")
        return steps

    return register


def known_kind(name: str) -> JobKind:
    """The kind of that name. Raises UnknownJobKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownJobKind(f"There is no job kind {name[:60]!r}.") from None


def label_of(name: str) -> str:
    """What people call it; a kind that no installed app declares any more keeps its name."""
    return _kinds[name].label if name in _kinds else name


def is_told(name: str) -> bool:
    """Whether the end of such a job is news to its owner."""
    return name not in _kinds or _kinds[name].told


def kept_for(name: str) -> timedelta:
    """How long an ended job of that kind is kept."""
    declared = _kinds.get(name)
    return (declared and declared.keep) or timedelta(days=conf.get("JOB_KEEP_DAYS"))
