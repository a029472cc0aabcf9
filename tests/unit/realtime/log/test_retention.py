"""Old events go, the newest of each stream stay, and how far it went is remembered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from realtime import positions, publish_many
from realtime.log import read
from realtime.log.models import Event, Stream
from realtime.log.retention import trim_old_events
from tests.support.log_world import Happened

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = "testing:old", "testing:new"


def write(stream: str, count: int, *, days_ago: int) -> None:
    publish_many([(stream, Happened(number)) for number in range(count)])
    Event.objects.filter(stream=stream).update(at=timezone.now() - timedelta(days=days_ago))


def test_old_events_go_and_the_newest_of_their_stream_stay() -> None:
    write(OLD, 30, days_ago=100)
    write(NEW, 30, days_ago=1)
    assert trim_old_events(days=90, keep=10) == 20
    assert list(Event.objects.filter(stream=OLD).order_by("seq").values_list("seq", flat=True)) == [
        *range(21, 31)
    ]
    assert Event.objects.filter(stream=NEW).count() == 30


def test_how_far_it_went_is_remembered_and_the_numbers_go_on() -> None:
    write(OLD, 30, days_ago=100)
    trim_old_events(days=90, keep=10)
    assert read.heads([OLD])[OLD].trimmed == 20
    write(OLD, 1, days_ago=0)
    assert positions([OLD])[OLD].seq == 31


def test_again_removes_nothing_more() -> None:
    write(OLD, 30, days_ago=100)
    assert trim_old_events(days=90, keep=10) == 20
    assert trim_old_events(days=90, keep=10) == 0


def test_what_has_no_number_yet_is_never_removed() -> None:
    write(OLD, 5, days_ago=100)
    Event.objects.filter(stream=OLD).update(seq=None)
    assert trim_old_events(days=90, keep=0) == 0
    assert Event.objects.filter(stream=OLD).count() == 5


def test_a_new_epoch_makes_every_old_cursor_stale() -> None:
    write(OLD, 3, days_ago=0)
    before = positions([OLD, "testing:empty"])
    call_command("new_epoch")
    after = positions([OLD, "testing:empty"])
    assert {cursor.epoch for cursor in before.values()}.isdisjoint(
        {cursor.epoch for cursor in after.values()}
    )
    assert after[OLD].seq == 3
    assert Stream.objects.get(name=OLD).epoch == after[OLD].epoch
