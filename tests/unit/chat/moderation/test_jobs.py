"""Export of a room: whole, over interruptions, and for nobody who may not have it any more."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import pytest

from chat.moderation import jobs, services
from chat.payloads import Sent
from chat.sending import Send, message_send_many
from realtime import RealtimeError
from realtime.jobs.models import Job, State
from realtime.jobs.running import job_claim_due, job_run
from tests.support.people import client_id
from tests.unit.chat.moderation.conftest import Club

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("job_files")]


def start(club: Club) -> int:
    return jobs.room_export(user=club.owner, room=club.room, client_id=client_id()).id


def test_it_has_all_that_was_said_who_is_there_and_what_was_done(
    club: Club, monkeypatch: Any, settings: Any
) -> None:
    settings.REALTIME = {**settings.REALTIME, "JOB_SLICE_S": 0.0}  # handed back after each step
    monkeypatch.setattr(jobs, "MESSAGES_PER_FILE", 2)
    root = club.say(club.cy, "1")
    links = {"quote": root, "thread": root, "also_in_room": True}
    assert isinstance(message_send_many([Send(club.cy, club.room, "2", "reply", **links)])[0], Sent)
    for text in "345":
        club.say(club.cy, text)
    job_id = start(club)
    assert job_claim_due() == [job_id]
    while job_run(job_id):
        pass
    job = Job.objects.get(pk=job_id)
    assert (job.state, job.error, job.done) == (State.DONE, "", 5)
    with job.files.open(job.file) as file, zipfile.ZipFile(file) as archive:
        files = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    assert sorted(files) == [
        "audit.json",
        "members.json",
        "messages-0001.json",
        "messages-0002.json",
        "messages-0003.json",
        "room.json",
    ]
    said = [one for name in sorted(files) if name.startswith("messages") for one in files[name]]
    assert [one["text"] for one in said] == list("12345")
    assert said[0]["thread"]["replies"] == 1
    assert (said[1]["root"], said[1]["quote"]["id"], said[1]["quote"]["text"]) == (root, root, "1")
    assert {(one["user"]["username"], one["role"]) for one in files["members.json"]} >= {
        ("ada", "owner"),
        ("vera", "guest"),
    }
    assert files["audit.json"][-1]["act"] == "exported"
    assert files["room.json"][0]["name"] == "Club"


def test_who_lost_the_room_meanwhile_gets_nothing(club: Club) -> None:
    club.say(club.cy)
    job_id = start(club)
    services.role_change(
        user=club.owner, room=club.room, member=club.bo.pk, role="owner", client_id=client_id()
    )
    services.role_change(
        user=club.bo, room=club.room, member=club.owner.pk, role="member", client_id=client_id()
    )
    assert job_claim_due() == [job_id]
    assert not job_run(job_id)
    job = Job.objects.get(pk=job_id)
    assert (job.state, job.error, job.file) == (State.FAILED, "Only an owner of the room may do this.", "")


def test_only_owners_and_staff_start_one(club: Club) -> None:
    for user, expected in ((club.moderator, "not_owner"), (club.bo, "not_owner")):
        with pytest.raises(RealtimeError) as caught:
            jobs.room_export(user=user, room=club.room, client_id=client_id())
        assert caught.value.wire_code == expected
    assert not Job.objects.exists()
