"""Broadcasts are made once per form, claimed by one sender, sent to everybody in the audience exactly once."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import timedelta

import pytest
from celery import Celery
from django.contrib.auth.models import Group
from django.utils import timezone

from notifications.audiences import Audience, count
from notifications.broadcasts import sending
from notifications.broadcasts.figures import channel_figures
from notifications.broadcasts.sending import occurrence_claim_due, occurrence_send
from notifications.broadcasts.steering import (
    broadcast_cancel,
    broadcast_pause,
    broadcast_recall,
    broadcast_resume,
)
from notifications.broadcasts.writing import broadcast_create
from notifications.errors import (
    AlreadySent,
    BroadcastInvalid,
    BroadcastNotFound,
    EmptyAudience,
    NothingToRecall,
    NotSending,
)
from notifications.models import AudienceNotification, Broadcast, Mark, Notification
from notifications.selectors import inbox_page, unread_count
from notifications.services import notification_mark, notification_read_all
from realtime.testing.stack import free_port
from tests.support.notices import (
    at,
    figures,
    new_broadcast,
    only_occurrence,
    published,
    send_due,
    sent,
    stored,
    to_people,
)
from tests.support.people import client_id, make_room, make_user
from tests.support.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def marks(broadcast: Broadcast) -> tuple[int | None, ...]:
    """How many have seen, read and followed it in the app."""
    in_app = channel_figures(broadcast)[0]
    return in_app.seen, in_app.read, in_app.clicked


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
    assert broadcast.status == "sent"
    assert figures(broadcast) == ("sent", 5, 5)


def test_everybody_is_counted_again_where_that_was_a_while_ago():
    make_user()
    at_once, waited = stored(), stored()
    make_user()
    waited.occurrences.update(counted_at=later(-61))
    send_due()
    assert figures(at_once) == ("sent", 1, 1)
    assert figures(waited) == ("sent", 2, 2)


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
    assert count(audience) == 1
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
    stored(schedule=at(later(60)))
    assert occurrence_claim_due() == []
    assert len(occurrence_claim_due(now=later(61))) == 1


def test_of_many_beats_one_claims(monkeypatch):
    make_user()
    stored()
    all_have_seen_it = threading.Barrier(5)
    original = sending._claim

    def claim(*args):
        all_have_seen_it.wait(10)
        return original(*args)

    monkeypatch.setattr(sending, "_claim", claim)
    claims = together(5, occurrence_claim_due)
    assert sum(map(len, claims)) == 1


def test_a_claim_whose_lease_ran_out_is_claimed_again_and_the_first_can_send_nothing():
    make_user()
    stored()
    (first,) = occurrence_claim_due()
    assert occurrence_claim_due(now=later(3)) == []
    (second,) = occurrence_claim_due(now=later(5))
    assert sending._begin(second)
    occurrence_send(first)
    assert not AudienceNotification.objects.exists()
    occurrence_send(second)
    occurrence_send(second)
    assert AudienceNotification.objects.count() == 1


def test_a_queue_that_is_longer_than_a_lease_keeps_nothing_from_being_sent():
    make_user()
    broadcast = stored()
    waiting = [occurrence_claim_due(now=later(5 * number))[0] for number in range(12)]
    occurrence_send(waiting[0])
    for claim in waiting:
        occurrence_send(claim)
    broadcast.refresh_from_db()
    assert broadcast.status == "sent"
    assert AudienceNotification.objects.count() == 1


def test_a_sender_that_dies_between_chunks_is_followed_by_one_that_goes_on(settings, monkeypatch):
    settings.NOTIFICATIONS = {"chunk_recipients": 2}
    people = [make_user() for _ in range(5)]
    broadcast = stored(to_people(*people))
    (first,) = occurrence_claim_due()
    die_after(monkeypatch, chunks=1)
    with pytest.raises(SystemExit):
        occurrence_send(first)
    monkeypatch.undo()
    assert Notification.objects.count() == 2
    (second,) = occurrence_claim_due(now=later(5))
    assert sending._begin(second)
    occurrence_send(first)
    assert Notification.objects.count() == 2
    occurrence_send(second)
    assert inboxes() == sorted(user.pk for user in people)
    for user in people:
        assert len(published(f"user:{user.pk}", "notifications.created")) == 1
    broadcast.refresh_from_db()
    assert broadcast.status == "sent"
    assert figures(broadcast) == ("sent", 5, 5)


def test_a_sender_that_dies_inside_a_chunk_leaves_nothing_of_it(settings, monkeypatch):
    settings.NOTIFICATIONS = {"chunk_recipients": 2}
    people = [make_user() for _ in range(3)]
    stored(to_people(*people))
    (claim,) = occurrence_claim_due()
    monkeypatch.setattr(
        "notifications.broadcasts.progress.progress", lambda broadcast: (_ for _ in ()).throw(SystemExit)
    )
    with pytest.raises(SystemExit):
        occurrence_send(claim)
    monkeypatch.undo()
    assert not Notification.objects.exists()
    assert not published(f"user:{people[0].pk}")


def test_a_broadcast_that_never_gets_on_fails_in_the_end():
    make_user()
    broadcast = stored()
    for attempt in range(10):
        (claim,) = occurrence_claim_due(now=later(5 * attempt))
        assert sending._begin(claim)
    assert occurrence_claim_due(now=later(200)) == []
    broadcast.refresh_from_db()
    assert broadcast.status == "failed"
    assert published(f"broadcast:{broadcast.pk}")[-1]["error"]


def test_an_audience_that_is_gone_fails_the_broadcast():
    ada = make_user()
    group = Group.objects.create(name="kitchen")
    ada.groups.add(group)
    broadcast = stored(Audience(kind="group", key=group.pk))
    group.delete()
    (claim,) = occurrence_claim_due()
    occurrence_send(claim)
    broadcast.refresh_from_db()
    assert broadcast.status == "failed"
    assert only_occurrence(broadcast).error == "The audience does not exist any more."


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
    broadcast = stored(schedule=at(later(60)))
    broadcast_cancel(broadcast.pk)
    broadcast_cancel(broadcast.pk)
    assert occurrence_claim_due(now=later(61)) == []
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
    assert len(occurrence_claim_due()) == 1


def die_after(monkeypatch, *, chunks: int) -> None:
    """Ends the sender as it starts the next chunk."""
    original, done = sending._send_chunk, []

    def send_chunk(*args, **kwargs):
        if len(done) == chunks:
            raise SystemExit
        done.append(1)
        return original(*args, **kwargs)

    monkeypatch.setattr(sending, "_send_chunk", send_chunk)


def test_a_pause_in_the_middle_stops_after_a_chunk_and_resume_goes_on_from_there(settings, monkeypatch):
    settings.NOTIFICATIONS = {"chunk_recipients": 2}
    people = [make_user() for _ in range(5)]
    broadcast = stored(to_people(*people))
    (claim,) = occurrence_claim_due()
    chunks: list[int] = []

    def pause_after_the_first(place: str) -> None:
        chunks.append(1)
        if len(chunks) == 2:
            broadcast_pause(broadcast.pk)

    monkeypatch.setattr(sending, "failpoint", pause_after_the_first)
    occurrence_send(claim)
    monkeypatch.undo()
    assert Notification.objects.count() == 2
    assert occurrence_claim_due(now=later(60)) == []
    occurrence_send(claim)
    assert Notification.objects.count() == 2
    broadcast_resume(broadcast.pk)
    (again,) = occurrence_claim_due(now=later(1))
    occurrence_send(again)
    assert inboxes() == sorted(user.pk for user in people)
    statuses = [event["status"] for event in published(f"broadcast:{broadcast.pk}")]
    assert [statuses[0], statuses[-1]] == ["scheduled", "sent"]
    assert statuses.index("paused") < statuses.index("sending", statuses.index("paused"))


def test_a_scheduled_one_is_paused_over_its_time_and_sent_when_it_goes_on():
    make_user()
    broadcast = stored(schedule=at(later(1)))
    broadcast_pause(broadcast.pk)
    broadcast_pause(broadcast.pk)
    assert occurrence_claim_due(now=later(60)) == []
    assert broadcast_resume(broadcast.pk).status == "scheduled"
    with pytest.raises(NotSending):
        broadcast_resume(broadcast.pk)
    assert len(occurrence_claim_due(now=later(60))) == 1


@pytest.mark.parametrize("kind", ["users", "everybody"])
def test_a_recall_takes_it_from_everybody_and_says_who_had_seen_it(kind):
    ada, ben = make_user(), make_user()
    broadcast = sent(to_people(ada, ben) if kind == "users" else Audience(kind="everybody"))
    (item,) = inbox_page(ada).items
    notification_mark(ada, [item.id], Mark.SEEN, client_id=client_id())
    assert marks(broadcast) == (1, 0, 0)
    recalled = broadcast_recall(broadcast.pk)
    assert (recalled.status, recalled.seen_before_recall, recalled.recalling) == ("recalled", 1, False)
    assert broadcast_recall(broadcast.pk).seen_before_recall == 1
    for user in (ada, ben):
        assert inbox_page(user).items == []
        assert unread_count(user) == 0
    stream = f"user:{ben.pk}" if kind == "users" else "audience:all"
    assert published(stream, "notifications.removed")[-1]["reason"] == "recalled"
    with pytest.raises(NotSending):
        broadcast_pause(broadcast.pk)


def test_a_recall_in_the_middle_of_the_sending_stops_it(settings, monkeypatch):
    settings.NOTIFICATIONS = {"chunk_recipients": 2}
    people = [make_user() for _ in range(5)]
    broadcast = stored(to_people(*people))
    (claim,) = occurrence_claim_due()
    die_after(monkeypatch, chunks=1)
    with pytest.raises(SystemExit):
        occurrence_send(claim)
    monkeypatch.undo()
    broadcast_recall(broadcast.pk)
    assert occurrence_claim_due(now=later(60)) == []
    occurrence_send(claim)
    assert not Notification.objects.exists()


def test_nobody_is_nothing_to_recall():
    make_user()
    with pytest.raises(NothingToRecall):
        broadcast_recall(stored(schedule=at(later(60))).pk)
    with pytest.raises(BroadcastNotFound):
        broadcast_recall(999)


def test_mark_all_as_read_counts_for_what_was_on_a_screen():
    ada, ben = make_user(), make_user()
    broadcast = sent()
    for user in (ada, ben):
        (item,) = inbox_page(user).items
        notification_mark(user, [item.id], Mark.SEEN, client_id=client_id())
    notification_read_all(ada, client_id=client_id())
    assert marks(broadcast) == (2, 1, 0)
