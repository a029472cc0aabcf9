"""Accounts that are switched off and erased: nobody logs in, rooms can be read on, and the person is gone from them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.erasing import erased, parts
from accounts.models import Device, User
from accounts.services import token_issue, user_erase_unasked
from chat import selectors
from chat.models import AuditEntry, Block, Member, Message, Report, Revision, Room
from chat.moderation import blocks, reports
from notifications.models import Notification, Reminder
from realtime.jobs.models import Job, State
from realtime.jobs.running import job_claim_due, job_run
from realtime.log.models import Event
from tests.support.notices import told
from tests.support.people import PASSWORD, client_id, make_direct, make_room, make_user, say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("job_files")]


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(path, {"client_id": client_id(), **body}, "application/json")


def work() -> None:
    for job_id in job_claim_due():
        while job_run(job_id):
            pass
        job = Job.objects.get(pk=job_id)
        assert (job.state, job.error) == (State.DONE, "")


def erase(user: User, *, with_messages: bool = False) -> None:
    user_erase_unasked(user, with_messages=with_messages, key="k")
    work()


def history(user: User, room: int) -> list[tuple[str, str]]:
    page = selectors.messages_before(user.pk, room, before=None, limit=50)
    return [(one.author.display_name, "(deleted)" if one.deleted else one.text) for one in page.items]


class Life:
    """Ada owns a room with Bo and Cy, and talks to Bo; she has everything that a person may have."""

    def __init__(self) -> None:
        self.ada = make_user("ada", display_name="Ada Lovelace", email="ada@example.com")
        self.bo, self.cy = make_user("bo", display_name="Bo"), make_user("cy", display_name="Cy")
        self.room = make_room(self.ada, self.bo, self.cy, name="Tea")
        self.direct = make_direct(self.ada, self.bo)
        (message,) = say(self.bo, self.room, "for Ada")
        say(self.ada, self.room, "by Ada")
        say(self.ada, self.direct, "a secret")
        say(self.bo, self.direct, "your secret")
        token_issue(self.ada, device_name="phone")
        told(self.ada, title="for ada")
        blocks.person_block(user=self.ada, other=self.cy.pk, blocked=True, client_id=client_id())
        reports.report(
            user=self.ada, message=message, person=None, why="spam", text="my words", client_id=client_id()
        )


def test_everything_of_the_person_is_gone_and_everything_of_others_is_there() -> None:
    life = Life()
    erase(life.ada)
    ada = User.objects.get(pk=life.ada.pk)
    assert (ada.display_name, ada.email, ada.is_active) == ("Deleted user", "", False)
    assert ada.username.startswith(f"deleted-{ada.pk}-")
    assert not ada.has_usable_password()
    assert history(life.bo, life.room) == [("Bo", "for Ada"), ("Deleted user", "by Ada")]
    assert history(life.bo, life.direct) == [("Deleted user", "a secret"), ("Bo", "your secret")]
    assert list(Member.objects.filter(user=ada).values_list("room_id", flat=True)) == [life.direct]
    assert Member.objects.get(room_id=life.room, user=life.bo).role == "owner"
    for rows in (
        Device.objects.filter(user=ada),
        Notification.objects.filter(recipient=ada),
        Reminder.objects.filter(owner=ada),
        Block.objects.all(),
        Report.objects.exclude(text=""),
        AuditEntry.objects.filter(actor_name__contains="Ada"),
    ):
        assert not rows.exists()


def test_with_messages_they_become_tombstones_that_say_nothing_and_cannot_be_undone() -> None:
    life = Life()
    held = make_room(life.bo, life.ada)
    say(life.ada, held, "evidence")
    Room.objects.filter(pk=held).update(legal_hold=True)
    erase(life.ada, with_messages=True)
    assert history(life.bo, life.room) == [("Bo", "for Ada"), ("Deleted user", "(deleted)")]
    assert history(life.bo, life.direct) == [("Deleted user", "(deleted)"), ("Bo", "your secret")]
    assert history(life.bo, held) == [("Deleted user", "evidence")]
    assert not Revision.objects.filter(message__author=life.ada).exists()
    assert not Message.objects.exclude(room=held).filter(author=life.ada).exclude(text="").exists()


def test_screens_of_others_hear_of_the_new_name_and_of_the_leaving() -> None:
    life = Life()
    erase(life.ada)
    for room, names in (
        (life.room, ["chat.member_left", "chat.room_changed", "chat.person_changed"]),
        (life.direct, ["chat.person_changed"]),
    ):
        events = Event.objects.filter(stream=f"room:{room}").order_by("id").values_list("name", flat=True)
        assert list(events)[-len(names) :] == names


def test_a_worker_that_dies_on_the_way_loses_nothing(settings: Any) -> None:
    settings.REALTIME = {**settings.REALTIME, "JOB_SLICE_S": 0.0}
    settings.CHAT = {"erase_chunk": 1}
    life = Life()
    user_erase_unasked(life.ada, with_messages=True, key="k")
    for job_id in job_claim_due():
        while job_run(job_id):
            Job.objects.filter(pk=job_id).update(claim=None)
    assert Job.objects.get().state == State.DONE
    assert history(life.bo, life.room) == [("Bo", "for Ada"), ("Deleted user", "(deleted)")]


def test_one_erases_ones_own_account_with_ones_password(client: Client) -> None:
    life = Life()
    client.force_login(life.ada)
    assert post(client, "/api/account/erase", password="wrong").json()["code"] == "wrong_password"
    started = post(client, "/api/account/erase", password=PASSWORD, with_messages=True)
    assert (started.status_code, started.json()["state"]) == (200, "queued")
    assert client.get("/api/rooms").status_code == 401
    refused = post(Client(), "/api/auth/login", username="ada", password=PASSWORD)
    assert refused.json()["code"] == "wrong_credentials"
    work()
    free = post(Client(), "/api/auth/signup", username="ada", password="another horse 42")
    assert free.status_code == 200, "the name is free again"


def test_one_switches_ones_own_account_off_and_it_keeps_everything(client: Client) -> None:
    life = Life()
    client.force_login(life.ada)
    assert post(client, "/api/account/deactivate", password="wrong").status_code == 403
    assert post(client, "/api/account/deactivate", password=PASSWORD).status_code == 200
    assert client.get("/api/rooms").status_code == 401
    assert history(life.bo, life.room)[1] == ("Ada Lovelace", "by Ada")
    User.objects.filter(pk=life.ada.pk).update(is_active=True)
    assert post(Client(), "/api/auth/login", username="ada", password=PASSWORD).status_code == 200


def test_a_part_is_declared_once() -> None:
    names = [name for name, _ in parts()]
    assert names == sorted(names)
    with pytest.raises(ValueError, match="twice"):
        erased(names[0])(lambda person: False)
    assert json.dumps(names)
