"""A draft's file of people, read by a job in steps of 500 lines: into its list, and what is wrong into its report."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from notifications.audiences.people_file import PeopleFile, PeopleReport
from notifications.broadcasts.work import PEOPLE_FILE, ReadPeople, draft_as_begun
from notifications.conf import numbers
from notifications.errors import NobodyInFile
from notifications.models import Broadcast
from realtime.jobs import Result, Run, Step, Steps

_SUPERSEDED = Result("Another file has taken its place.")


def import_steps(run: Run) -> Steps:
    """Raises NobodyInFile at its end."""
    args: ReadPeople = run.args
    with run.files.open(PEOPLE_FILE) as opened:
        file = PeopleFile(opened.read())
    report = msgspec.convert(run.checkpoint or {}, PeopleReport)
    while True:
        draft = draft_as_begun(args.broadcast)
        if draft is None or (draft.people_file or {}).get("upload") != args.upload:
            return _SUPERSEDED
        if not _read_some(file, report, draft):
            break
        yield Step(
            done=report.upto,
            total=len(file),
            message=f"{report.people} people, {report.wrong_lines} lines left out",
            checkpoint=msgspec.to_builtins(report),
        )
    assert draft.people_file is not None
    told = {name: value for name, value in draft.people_file.items() if name != "reading"}
    draft.people_file = told | {
        name: value for name, value in msgspec.to_builtins(report).items() if name != "upto"
    }
    draft.save(update_fields=["people_file"])
    if not report.people:
        first = "; ".join(f"line {one.line}: {one.text!r}: {one.wrong}" for one in report.problems[:3])
        yield Step(done=report.upto, total=len(file))  # what is written down stays
        raise NobodyInFile(f"No line of this file names somebody who can get it. {first}".strip())
    return Result(f"{report.people} people, {report.wrong_lines} lines left out.")


def _read_some(file: PeopleFile, report: PeopleReport, draft: Broadcast) -> bool:
    """Whether there was something to read."""
    listed = Broadcast.users.through._default_manager.filter(broadcast_id=draft.pk)

    def known(user_ids: Collection[int]) -> set[int]:
        return set(listed.filter(user_id__in=user_ids).values_list("user_id", flat=True))

    new = file.read_some(report, known, max_problems=numbers().max_people_file_problems)
    if new:
        draft.users.add(*new)
    return new is not None
