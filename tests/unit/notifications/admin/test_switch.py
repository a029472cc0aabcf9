"""The switch that stops all sending: who may press it, what it stops, and what everybody sees."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from notifications.broadcasts import sending
from notifications.broadcasts.sending import occurrence_claim_due, occurrence_send
from notifications.channels import Sent
from notifications.models import AuditEntry, Batch, Broadcast, Delivery, Notification, SendingStop
from notifications.notify import notify
from notifications.stop import sending_release, sending_stop
from notifications.upkeep import keep_up
from tests.support import notification_types  # noqa: F401  (registers themselves)
from tests.support.cockpit import ADD, BASE, draft, page_of, staff
from tests.support.deliveries import send_due as send_deliveries
from tests.support.notices import send_due, sent, stored, to_people
from tests.support.people import make_user
from tests.support.recorder import recorder

pytestmark = pytest.mark.django_db

STOP, RELEASE = f"{BASE}stop/", f"{BASE}release/"


def test_it_stops_what_is_due_and_lets_it_go_on():
    ada = make_user()
    stored(to_people(ada))
    sending_stop(by=ada, reason="Wrong text.")
    send_due()
    assert not Notification.objects.exists()
    sending_release(by=ada)
    send_due()
    assert Notification.objects.count() == 1


def test_it_stops_a_sender_after_the_chunk_that_it_has_in_hand(settings, monkeypatch):
    settings.NOTIFICATIONS = {"chunk_recipients": 2}
    people = [make_user() for _ in range(6)]
    stored(to_people(*people))
    chunks = 0

    def stop_in_the_second(broadcast, occurrence, user_ids):
        nonlocal chunks
        chunks += 1
        placed(broadcast, occurrence, user_ids)
        if chunks == 2:
            sending_stop(by=people[0], reason="Wrong text.")

    placed = sending._place
    monkeypatch.setattr(sending, "_place", stop_in_the_second)
    claim = occurrence_claim_due()[0]
    occurrence_send(claim)
    assert Notification.objects.count() == 4
    sending_release(by=people[0])
    occurrence_send(claim)
    assert Notification.objects.count() == 6


def test_it_stops_batches_of_notices_too(settings):
    settings.NOTIFICATIONS = {"chunk_recipients": 1}
    ada, ben = make_user(), make_user()
    notify("testing.shipped", to=[ada.pk, ben.pk], data={"number": 1}, key="1")
    sending_stop(by=ada, reason="Wrong text.")
    keep_up()
    assert (Batch.objects.count(), Notification.objects.count()) == (2, 0)
    sending_release(by=ada)
    keep_up()
    assert (Batch.objects.count(), Notification.objects.count()) == (0, 2)


def test_it_stops_messages_outside_the_app_between_one_and_the_next():
    taken, ada, ben = recorder(), make_user(), make_user()
    broadcast = stored(to_people(ada, ben))
    Broadcast.objects.filter(pk=broadcast.pk).update(channels=["in_app", "recorder"])
    send_due()

    def stop(address, message):
        sending_stop(by=ada, reason="Wrong text.")
        return Sent()

    taken.answers.append(stop)
    send_deliveries()
    send_deliveries()
    assert len(taken.taken) == 1
    sending_release(by=ada)
    # What the stopped worker had claimed falls due when its lease has run out.
    Delivery.objects.filter(state="waiting").update(due_at=timezone.now())
    send_deliveries()
    assert [address for address, _ in taken.taken] == [f"home of {ada.pk}", f"home of {ben.pk}"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_there_is_one_stop_at_a_time_and_each_is_written_down(sender):
    stopper = staff("stop_broadcasts")
    for reason in ("Wrong text.", "Me too."):
        page = stopper.post(STOP, {"reason": reason}, follow=True).content.decode()
    assert "All sending is stopped already." in page
    assert SendingStop.objects.get().reason == "Wrong text."
    stopper.post(RELEASE)
    stopper.post(RELEASE)
    assert SendingStop.objects.get().ended_at is not None
    assert [entry.act for entry in AuditEntry.objects.all()] == ["stopped all sending", "let sending go on"]


@pytest.fixture
def sender(db: None) -> Client:
    return staff("add_broadcast")


def test_every_page_of_the_cockpit_says_so_in_red(sender):
    broadcast, other = draft(sender), sent()
    pages = (BASE, ADD, page_of(broadcast), page_of(other), f"{BASE}{broadcast.pk}/edit/")
    for address in pages:
        assert "All sending is stopped." not in sender.get(address).content.decode(), address
    staff("stop_broadcasts").post(STOP, {"reason": "Wrong <text>."})
    for address in pages:
        page = sender.get(address).content.decode()
        assert "All sending is stopped." in page, address
        assert "Wrong &lt;text&gt;." in page, address
    assert sender.get(f"{BASE}{other.pk}/progress/").json()["stopped"] == "Wrong <text>."


def test_a_reason_is_needed(sender):
    stopper = staff("stop_broadcasts")
    for reason in ("", "  ", "\0"):
        assert "Say why" in stopper.post(STOP, {"reason": reason}, follow=True).content.decode()
    assert not SendingStop.objects.exists()


@pytest.mark.parametrize(
    "permission", ["add_broadcast", "change_broadcast", "approve_broadcast", "view_broadcast"]
)
def test_only_who_may_stop_stops_or_releases(permission):
    client = staff(permission)
    for address in (STOP, RELEASE):
        assert client.post(address, {"reason": "x"}).status_code == 403
        assert client.get(address).status_code == 403
    assert AuditEntry.objects.filter(act="was refused").count() == 2
    assert not SendingStop.objects.exists()


def test_a_submitted_broadcast_waits_while_all_is_stopped(sender):
    sending_stop(by=make_user(), reason="Wrong text.")
    broadcast = draft(sender)
    sender.post(f"{BASE}{broadcast.pk}/submit/", {"people": "2"})
    send_due()
    assert Broadcast.objects.get().status == "scheduled"
