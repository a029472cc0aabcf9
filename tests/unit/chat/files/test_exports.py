"""Files in "export my data": what is known of each, and the file itself."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from accounts.models import User
from chat.files import storing
from realtime.jobs.models import State
from realtime.jobs.running import job_claim_due, job_run
from realtime.jobs.services import start_job
from tests.support.people import client_id
from tests.support.uploads import upload

pytestmark = pytest.mark.django_db(transaction=True)


def archive(user: User) -> zipfile.ZipFile:
    job = start_job("accounts.export", user, key=client_id())
    assert job_claim_due() == [job.pk]
    while job_run(job.pk):
        pass
    job.refresh_from_db()
    assert (job.state, job.error) == (State.DONE, "")
    with job.files.open(job.file) as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def test_an_export_has_the_files_of_the_person_and_of_nobody_else(
    ada: User, bo: User, job_files: Path
) -> None:
    mine, his, lost = (
        upload(ada, b"mine", "a.txt", alt="A note"),
        upload(bo, b"his", "b.txt"),
        upload(ada, b"lost", "c.txt"),
    )
    storing.delete(lost.url.split("/")[2])
    with archive(ada) as packed:
        listed = json.loads(packed.read("files.json"))
        assert [(one["id"], one["name"], one["description"]) for one in listed] == [
            (mine.id, "a.txt", "A note"),
            (lost.id, "c.txt", ""),
        ]
        assert packed.read(f"files/{mine.id}-a.txt") == b"mine"
        assert [name for name in packed.namelist() if name.startswith("files/")] == [f"files/{mine.id}-a.txt"]
    assert his.id != mine.id
