"""The jobs of accounts: "export my data", a ZIP of JSON files for whose data it is; and erasing an account."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from functools import partial

import msgspec
from django.utils import timezone

from accounts.archives import pack
from accounts.erasing import Erased, parts
from accounts.exporting import Section, sections
from accounts.services import user_anonymise
from realtime import Struct
from realtime.jobs import Result, Run, Step, Steps, job

ROWS_PER_FILE = 1000
_ARCHIVE = "export.zip"


class Place(Struct):
    """Where an export goes on: the files that are written, and what comes next."""

    total: int
    done: int = 0
    files: list[str] = []
    finished: list[str] = []  # sections
    after: int = 0  # of the section that comes next, the last primary key that is written
    part: int = 1


@job("accounts.export", label="Export of your data", atomic=False, single=True)
def export(run: Run) -> Steps:
    """A file for each thousand rows of each section, then all of them in one archive."""
    place = _place(run)
    while section := _next_section(place):
        _write_next(run, section, place)
        yield Step(
            done=place.done,
            total=place.total,
            message=f"Collecting {section.name.replace('_', ' ')}",
            checkpoint=msgspec.to_builtins(place),
        )
    for _ in pack(run, _ARCHIVE, place.files, partial(_pack_attachments, run)):
        yield Step(done=place.done, total=place.total, message="Packing")
    today = timezone.now().date().isoformat()
    return Result("Ready to be downloaded.", _ARCHIVE, f"carillon-{run.owner.username}-{today}.zip")


def _place(run: Run) -> Place:
    if run.checkpoint is not None:
        return msgspec.convert(run.checkpoint, Place)
    return Place(total=sum(section.rows(run.owner).count() for section in sections()))


def _next_section(place: Place) -> Section | None:
    return next((section for section in sections() if section.name not in place.finished), None)


def _write_next(run: Run, section: Section, place: Place) -> None:
    """The next file of a section, and the place after it."""
    rows = list(section.rows(run.owner).filter(pk__gt=place.after).order_by("pk")[:ROWS_PER_FILE])
    more = len(rows) == ROWS_PER_FILE
    name = f"{section.name}.json" if place.part == 1 and not more else f"{section.name}-{place.part:04}.json"
    content = msgspec.json.encode([section.row(row) for row in rows])
    run.files.write(name, msgspec.json.format(content, indent=2))
    place.files.append(name)
    place.done += len(rows)
    # Rows that were written meanwhile are in it too.
    place.total = max(place.total, place.done)
    if more:
        place.after, place.part = rows[-1].pk, place.part + 1
    else:
        place.finished.append(section.name)
        place.after, place.part = 0, 1


def _pack_attachments(run: Run, archive: zipfile.ZipFile) -> Iterator[None]:
    """Files as they are; one that was deleted meanwhile is left out."""
    for section in sections():
        for row in section.rows(run.owner).order_by("pk").iterator(ROWS_PER_FILE):
            attachment = section.attachment(row)
            if attachment is None:
                continue
            try:
                content = attachment.open()
            except FileNotFoundError:
                continue
            with content, archive.open(attachment.name, "w", force_zip64=True) as packed:
                shutil.copyfileobj(content, packed)
            yield


class Erasure(Struct, frozen=True):
    with_messages: bool


@job("accounts.erase", label="Erasing of your account", args=Erasure, single=True)
def erase(run: Run) -> Steps:
    """Makes the account's own row anonymous, then has every app do its part, chunk by chunk."""
    person = Erased(run.owner, run.args.with_messages)
    names = [name for name, _ in parts()]
    finished: list[str] = list(run.checkpoint or [])
    if run.checkpoint is None:
        user_anonymise(run.owner)
        yield Step(done=0, total=len(names), message="Erasing your profile", checkpoint=finished)
    for name, part in parts():
        more = name not in finished
        while more:
            more = part(person)
            if not more:
                finished.append(name)
            yield Step(
                done=len(finished),
                total=len(names),
                message=f"Erasing {name.replace('_', ' ')}",
                checkpoint=list(finished),
            )
    return Result("The account is erased.")
