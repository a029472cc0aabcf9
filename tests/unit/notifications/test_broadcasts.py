"""Broadcasts are made once per form, claimed by one sender, sent to everybody in the audience exactly once."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import timedelta

import pytest
from celery import Celery
from django.contrib.auth.models import Group
from django.db import connections
from django.utils import timezone

from notifications import broadcasts
from notifications.broadcasts import (
    Audience,
    audience_size,
    broadcast_cancel,
    broadcast_claim_due,
    broadcast_create,
    broadcast_send,
)
from notifications.errors import AlreadySent, BroadcastInvalid, BroadcastNotFound, EmptyAudience
from notifications.models import AudienceNotification, Broadcast, Notification
from realtime.testing.stack import free_port
from tests.support.notices import new_broadcast, published, sent, stored, to_people
from tests.support.people import make_room, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def later(seconds: float):
    return timezone.now() + timedelta(seconds=seconds)


def inboxes() -> list[int]:
    return sorted(Notification.objects.values_list("recipient_id", flat=True))


def test_everybody_is_one_row_and_one_event_whatever_their_number():
    for _ in range(5):
        make_user()
    broadcast = sent()
    (row,) = AudienceNotification.objects.all()
    (event,) = published("audience:all")
    assert event["item"]["id"] == f"b{row.pk}"
    assert not Notification.objects.exists()
    assert (broadcast.status, broadcast.done, broadcast.total) == ("sent", 5, 5)


def test_a_group_and_a_room_go_to_their_streams():
    ada = make_user()
    group = Group.objects.create(name="kitchen")
    ada.groups.add(group)
    room = make_room(ada)
    sent(Audience(kind="group", key=group.pk))
    sent(Audience(kind="room", key=room))
    assert len(published(f"audience:group:{group.pk}", "notifications.created")) == 1
    assert len(published(f"room:{room}", "notifications.created")) == 1


def test_named_people_get_a_row_and_an_event_each():
    people = [make_user() for _ in range(3)]
    make_user()
    sent(to_people(*people))
    assert inboxes() == sorted(user.pk for user in people)
    for user in people:
        assert len(published(f"user:{user.pk}", "notifications.created")) == 1


def test_people_who_are_switched_off_are_not_counted_and_get_nothing():
    ada, off = make_user(), make_user(is_active=False)
    audience = to_people(ada, off)
    assert audience_size(audience) == 1
    sent(audience)
    assert inboxes() == [ada.pk]


def test_one_form_is_one_broadcast():
    make_user()
    new = new_broadcast()
    first = broadcast_create(new, created_by=None)
    again = broadcast_create(new_broadcast(form_key=new.form_key, title="Something else"), created_by=None)
    assert again.pk == first.pk
    assert again.title == "Tea is ready"


def test_one_form_submitted_by_many_at_once_is_one_broadcast():
    make_user()
    new = new_broadcast()
    made = together(5, lambda: broadcast_create(new, created_by=None).pk)
    assert len(set(made)) == 1
    assert Broadcast.objects.count() == 1


def test_nobody_is_no_broadcast():
    with pytest.raises(EmptyAudience):
        stored(Audience(kind="group", key=999))
    with pytest.raises(EmptyAudience):
        stored(Audience(kind="users", user_ids=()))
    with pytest.raises(EmptyAudience):
        stored(Audience(kind="moon"))


@pytest.mark.parametrize(
    "fields",
    [{"link": "javascript:x"}, {"title": ""}, {"title": "a" * 201}, {"level": "panic"}, {"text": "a" * 4001}],
)
def test_what_no_form_would_let_through_is_refused(fields):
    make_user()
    with pytest.raises(BroadcastInvalid):
        stored(**fields)


def test_what_is_not_due_is_not_claimed():
    make_user()
    stored(due_at=later(60))
    assert broadcast_claim_due() == []
    assert len(broadcast_claim_due(now=later(61))) == 1


def test_of_many_beats_one_claims(monkeypatch):
    make_user()
    stored()
    all_have_seen_it = threading.Barrier(5)
    original = broadcasts._claim

    def claim(*args):
        all_have_seen_it.wait(10)
        return original(*args)

    monkeypatch.setattr(broadcasts, "_claim", claim)
    claims = together(5, broadcast_claim_due)
    assert sum(map(len, claims)) == 1


def test_a_claim_whose_lease_ran_out_is_claimed_again_and_the_first_can_send_nothing():
    make_user()
    stored()
    (first,) = broadcast_claim_due()
    assert broadcast_claim_due(now=later(9)) == []
    (second,) = broadcast_claim_due(now=later(11))
    broadcast_send(first)
    assert not AudienceNotification.objects.exists()
    broadcast_send(second)
    broadcast_send(second)
    assert AudienceNotification.objects.count() == 1


def test_a_sender_that_dies_between_chunks_is_followed_by_one_that_goes_on(settings, monkeypatch):
    settings.NOTIFICATIONS = {"chunk_recipients": 2}
    people = [make_user() for _ in range(5)]
    broadcast = stored(to_people(*people))
    (first,) = broadcast_claim_due()
    die_after(monkeypatch, chunks=1)
    with pytest.raises(SystemExit):
        broadcast_send(first)
    monkeypatch.undo()
    assert Notification.objects.count() == 2
    (second,) = broadcast_claim_due(now=later(11))
    broadcast_send(first)
    assert Notification.objects.count() == 2
    broadcast_send(second)
    assert inboxes() == sorted(user.pk for user in people)
    for user in people:
        assert len(published(f"user:{user.pk}", "notifications.created")) == 1
    broadcast.refresh_from_db()
    assert (broadcast.status, broadcast.done, broadcast.total) == ("sent", 5, 5)


def test_a_sender_that_dies_inside_a_chunk_leaves_nothing_of_it(settings, monkeypatch):
    settings.NOTIFICATIONS = {"chunk_recipients": 2}
    people = [make_user() for _ in range(3)]
    stored(to_people(*people))
    (claim,) = broadcast_claim_due()
    monkeypatch.setattr(
        "notifications.broadcasts.progress", lambda broadcast: (_ for _ in ()).throw(SystemExit)
    )
    with pytest.raises(SystemExit):
        broadcast_send(claim)
    monkeypatch.undo()
    assert not Notification.objects.exists()
    assert not published(f"user:{people[0].pk}")


def test_a_broadcast_that_never_gets_on_fails_in_the_end():
    make_user()
    broadcast = stored()
    for attempt in range(10):
        assert len(broadcast_claim_due(now=later(11 * attempt))) == 1
    assert broadcast_claim_due(now=later(200)) == []
    broadcast.refresh_from_db()
    assert broadcast.status == "failed"
    assert published(f"broadcast:{broadcast.pk}")[-1]["error"]


def test_an_audience_that_is_gone_fails_the_broadcast():
    ada = make_user()
    group = Group.objects.create(name="kitchen")
    ada.groups.add(group)
    broadcast = stored(Audience(kind="group", key=group.pk))
    group.delete()
    (claim,) = broadcast_claim_due()
    broadcast_send(claim)
    broadcast.refresh_from_db()
    assert (broadcast.status, broadcast.error) == ("failed", "The audience does not exist any more.")


def test_progress_is_told_from_scheduled_to_sent():
    people = [make_user() for _ in range(3)]
    broadcast = sent(to_people(*people))
    told = [(event["status"], event["done"]) for event in published(f"broadcast:{broadcast.pk}")]
    assert told[0] == ("scheduled", 0)
    assert told[-1] == ("sent", 3)


def test_progress_of_many_chunks_is_coalesced(settings):
    settings.NOTIFICATIONS = {"chunk_recipients": 1, "progress_interval_s": 60.0}
    broadcast = sent(to_people(*[make_user() for _ in range(8)]))
    assert [event["done"] for event in published(f"broadcast:{broadcast.pk}")] == [0, 1, 8]


def test_a_scheduled_broadcast_can_be_cancelled_and_is_not_sent():
    make_user()
    broadcast = stored(due_at=later(60))
    broadcast_cancel(broadcast.pk)
    broadcast_cancel(broadcast.pk)
    assert broadcast_claim_due(now=later(61)) == []
    assert published(f"broadcast:{broadcast.pk}")[-1]["status"] == "cancelled"


def test_what_is_sent_cannot_be_cancelled():
    make_user()
    broadcast = sent()
    with pytest.raises(AlreadySent):
        broadcast_cancel(broadcast.pk)
    with pytest.raises(BroadcastNotFound):
        broadcast_cancel(999)


def test_without_a_broker_the_broadcast_is_stored_at_once_all_the_same(monkeypatch):
    make_user()
    cut_off = Celery("carillon", set_as_current=False)
    cut_off.config_from_object("django.conf:settings", namespace="CELERY")
    cut_off.conf.broker_url = f"redis://127.0.0.1:{free_port()}/0"
    monkeypatch.setattr("realtime.celery.app", cut_off)
    began = time.monotonic()
    assert stored(form_key=uuid.uuid4()).pk
    assert time.monotonic() - began < 2.0
    assert len(broadcast_claim_due()) == 1


def die_after(monkeypatch, *, chunks: int) -> None:
    """Ends the sender as it starts the next chunk."""
    original, done = broadcasts._send_chunk, []

    def send_chunk(*args, **kwargs):
        if len(done) == chunks:
            raise SystemExit
        done.append(1)
        return original(*args, **kwargs)

    monkeypatch.setattr(broadcasts, "_send_chunk", send_chunk)


def together(number: int, function) -> list:
    """What `number` threads get that call `function` at the same moment."""
    barrier = threading.Barrier(number)
    results: list = []

    def call() -> None:
        barrier.wait(10)
        try:
            results.append(function())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(results) == number
    return results
