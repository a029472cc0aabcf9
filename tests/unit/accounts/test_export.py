"""Export of one's data: complete, one's own only, in files of a thousand rows, over interruptions."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import pytest

from accounts import jobs
from accounts.exporting import exported, sections
from accounts.models import Device, User
from notifications.models import Notification
from realtime.jobs.models import Job, State
from realtime.jobs.running import job_claim_due, job_run
from realtime.jobs.services import start_job
from tests.support.notices import published, told
from tests.support.people import client_id, make_room, make_user, say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("job_files")]


def exported_by(owner: User, *, run=job_run) -> dict[str, Any]:
    """The archive's files, decoded."""
    job = start_job("accounts.export", owner, key=client_id())
    assert job_claim_due() == [job.pk]
    while run(job.pk):
        pass
    job.refresh_from_db()
    assert (job.state, job.error) == (State.DONE, "")
    with job.files.open(job.file) as file, zipfile.ZipFile(file) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


def test_the_archive_has_what_is_the_persons_own_and_nothing_of_others():
    ada, ben = make_user("ada", email="ada@example.com"), make_user("ben")
    room = make_room(ada, ben, name="Tea")
    say(ada, room, "mine")
    say(ben, room, "theirs")
    told(ada, title="for ada")
    told(ben, title="for ben")
    files = exported_by(ada)
    assert sorted(files) == sorted(f"{section.name}.json" for section in sections())
    assert files["profile.json"][0]["email"] == "ada@example.com"
    assert [message["text"] for message in files["messages.json"]] == ["mine"]
    assert [line["title"] for line in files["notifications.json"]] == ["for ada"]
    assert [(one["name"], one["role"]) for one in files["rooms.json"]] == [("Tea", "owner")]
    assert "password" not in json.dumps(files)
    assert "theirs" not in json.dumps(files)


def test_a_long_section_is_several_files_and_an_interruption_changes_nothing(monkeypatch, settings):
    """Handed back after each step, and one step done twice: as after a worker that died before it could save."""
    settings.REALTIME = {**settings.REALTIME, "JOB_SLICE_S": 0.0}
    monkeypatch.setattr(jobs, "ROWS_PER_FILE", 2)
    ada = make_user()
    say(ada, make_room(ada), *"12345")
    real, dies = jobs._write_next, iter([False, False, True] + [False] * 99)

    def write_and_die(run, section, place):
        real(run, section, place)
        if next(dies):
            Job.objects.filter(pk=run.job_id).update(claim=None)

    monkeypatch.setattr(jobs, "_write_next", write_and_die)
    files = exported_by(ada, run=lambda job_id: job_run(job_id) or next_begins(job_id))
    names = [name for name in files if name.startswith("messages")]
    assert names == ["messages-0001.json", "messages-0002.json", "messages-0003.json"]
    assert [message["text"] for name in names for message in files[name]] == list("12345")


def next_begins(job_id: int) -> bool:
    return Job.objects.get(pk=job_id).is_open


def test_its_progress_counts_rows():
    ada = make_user()
    say(ada, make_room(ada), *"123")
    exported_by(ada)
    job = Job.objects.get()
    rows = User.objects.filter(pk=ada.pk).count() + Device.objects.filter(user=ada).count()
    # What the end itself tells comes too late to be in it.
    assert (job.done, job.total) == (rows + 3 + 1, rows + 3 + 1)
    assert job.download_as.startswith(f"carillon-{ada.username}-")


def test_its_owner_is_told_when_it_is_ready_and_when_it_failed(monkeypatch):
    ada = make_user()
    exported_by(ada)
    (line,) = Notification.objects.filter(recipient=ada)
    assert (line.title, line.link) == ("Export of your data: done", "/#/jobs")
    assert line.text.startswith("Ready to be downloaded. The file is kept until ")
    monkeypatch.setattr(jobs, "_place", lambda run: 1 / 0)
    start_job("accounts.export", ada, key=client_id())
    for job_id in job_claim_due():
        job_run(job_id)
    assert Notification.objects.get(title="Export of your data: failed").text.startswith(
        "Something went wrong"
    )
    assert len(published(f"user:{ada.pk}", "notifications.created")) == 2


def test_it_is_started_over_http_once_at_a_time(client):
    client.force_login(make_user())
    first, second = (
        client.post("/api/account/export", {"client_id": client_id()}, "application/json").json()
        for _ in range(2)
    )
    assert first["state"] == "queued"
    assert second == first
    refused = client.post("/api/account/export", {"client_id": "two words"}, "application/json")
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_client_id")


def test_a_section_has_a_name_of_its_own_that_a_file_can_have():
    with pytest.raises(ValueError, match="twice"):
        exported("messages", row=dict)(lambda user: User.objects.none())
    with pytest.raises(ValueError, match="name of a file"):
        exported("../messages", row=dict)
