"""Job kinds that only tests use."""

from __future__ import annotations

import time

from accounts.models import Device, User
from realtime import Struct
from realtime.errors import Conflict
from realtime.jobs import Result, Run, Step, Steps, job


class Count(Struct, frozen=True):
    to: int
    fail_at: int = 0
    refuse_at: int = 0


@job("testing.count", label="Counting", args=Count)
def count(run: Run) -> Steps:
    """One device row per step, which is written together with the checkpoint."""
    for number in range((run.checkpoint or 0) + 1, run.args.to + 1):
        note(run.owner, f"{number}")
        if number == run.args.fail_at:
            raise RuntimeError("broken")
        if number == run.args.refuse_at:
            raise Conflict("There is no more of it. Order some.")
        yield Step(done=number, total=run.args.to, message=f"at {number}", checkpoint=number)
    return Result(f"Counted to {run.args.to}.")


@job("testing.write", label="Writing", args=Count, atomic=False, single=True)
def write(run: Run) -> Steps:
    """One file per step, and all in one at the end."""
    for number in range((run.checkpoint or 0) + 1, run.args.to + 1):
        run.files.write(f"{number}.part", f"{number}\n".encode())
        yield Step(done=number, checkpoint=number)
    parts = [run.files.open(f"{number}.part") for number in range(1, run.args.to + 1)]
    run.files.write("all.txt", b"".join(part.read() for part in parts))
    for part in parts:
        part.close()
    return Result(file="all.txt", download_as='Ada\'s "numbers"\r\n.txt')


@job("testing.stuck", label="Stuck")
def stuck(run: Run) -> Steps:
    """Alive, and nowhere."""
    while True:
        yield Step(done=1)


def note(owner: User, name: str) -> None:
    Device.objects.create(user=owner, kind="token", name=name, expires_at=owner.date_joined)


def noted(owner: User) -> list[str]:
    return list(Device.objects.filter(user=owner).order_by("pk").values_list("name", flat=True))


@job("testing.slow", label="Slow work", args=Count, atomic=False)
def slow(run: Run) -> Steps:
    """Long enough to be watched: ten steps a second."""
    for number in range((run.checkpoint or 0) + 1, run.args.to + 1):
        time.sleep(0.1)
        yield Step(done=number, total=run.args.to, message="Working", checkpoint=number)
    return None
