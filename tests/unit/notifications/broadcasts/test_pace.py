"""How many people a second: over chunks, and over senders that take over from each other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.broadcasts import sending
from notifications.broadcasts.figures import channel_figures
from notifications.broadcasts.pace import chunk_size, paced_on, pause_s
from notifications.broadcasts.sending import occurrence_claim_due, occurrence_send
from notifications.models import AudienceNotification, Broadcast, Notification
from tests.support.notices import send_due, stored, to_people
from tests.support.people import make_user

pytestmark = pytest.mark.django_db


def test_a_chunk_is_half_a_second_of_people():
    assert [chunk_size(Broadcast(people_per_s=rate), 500) for rate in (0, 1, 3, 100, 5000)] == [
        500,
        1,
        1,
        50,
        500,
    ]


def test_each_person_takes_their_time_and_no_pause_is_saved_up():
    make_user()
    broadcast = stored()
    broadcast.people_per_s = 10
    now = timezone.now()
    assert pause_s(broadcast, now) == 0
    paced_on(broadcast, 5, now)
    assert pause_s(broadcast, now) == 0.5
    paced_on(broadcast, 40, now + timedelta(seconds=0.5))
    assert pause_s(broadcast, now) == 1.0, "a sender looks up at least once a second"
    later = now + timedelta(minutes=1)
    paced_on(broadcast, 5, later)
    assert pause_s(broadcast, later) == 0.5
    assert Broadcast.objects.get().paced_until == broadcast.paced_until


def test_a_sender_waits_between_chunks_and_so_does_the_next_one(monkeypatch):
    people = [make_user() for _ in range(4)]
    stored(to_people(*people))
    Broadcast.objects.update(people_per_s=2)
    waited: list[float] = []

    class Killed(Exception):
        pass

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        raise Killed

    monkeypatch.setattr(sending.time, "sleep", sleep)
    claim = occurrence_claim_due()[0]
    with pytest.raises(Killed):
        occurrence_send(claim)
    assert Notification.objects.count() == 1
    assert 0 < waited[0] <= 0.5
    later = timezone.now() + timedelta(minutes=1)
    Broadcast.objects.update(paced_until=later)
    again = occurrence_claim_due(now=later)[0]
    with pytest.raises(Killed):
        occurrence_send(again)
    assert Notification.objects.count() == 1, "the pace is the broadcast's, not the sender's"
    assert waited[1] == 1.0


def test_a_pace_holds_in_the_app_for_an_audience_that_reads_one_stream(monkeypatch):
    people = [make_user() for _ in range(5)]
    broadcast = stored()
    Broadcast.objects.update(people_per_s=2)
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        Broadcast.objects.update(paced_until=timezone.now())

    monkeypatch.setattr(sending.time, "sleep", sleep)
    send_due()
    assert len(waited) == len(people)
    assert all(0 < one <= 0.5 for one in waited)
    assert not AudienceNotification.objects.exists()
    assert Notification.objects.filter(occurrence__broadcast=broadcast).count() == len(people)
    assert channel_figures(broadcast)[0].sent == len(people)
