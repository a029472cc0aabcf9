"""A database of the first release: its broadcasts get their occurrences, its lines and inboxes what is new of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from notifications.models import AudienceNotification, AudienceState, Broadcast, InboxState, Notification

pytestmark = pytest.mark.django_db(transaction=True)

RELEASED = ("notifications", "0001_initial")
DUE = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def migrate(*targets: tuple[str, str]) -> Any:
    """The apps as they are then."""
    MigrationExecutor(connection).migrate(list(targets))
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps


@pytest.fixture
def newest() -> Iterator[list[tuple[str, str]]]:
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes("notifications")
    yield leaves
    migrate(*leaves)


def test_what_was_sent_is_a_broadcast_with_one_occurrence(newest: list[tuple[str, str]]) -> None:
    old = migrate(RELEASED)
    ada, ben = (
        old.get_model("accounts", "User").objects.create(username=name, username_key=name, password="!")
        for name in ("ada", "ben")
    )
    broadcast = old.get_model("notifications", "Broadcast").objects.create
    sent = broadcast(
        title="Out", due_at=DUE, time_zone="Europe/Berlin", status="sent", total=2, done=2, fence=3
    )
    shared = broadcast(title="To all", due_at=DUE, status="sent", done=2)
    waiting = broadcast(title="Later", due_at=DUE, status="scheduled")
    line = old.get_model("notifications", "Notification").objects.create
    line(title="Out", broadcast=sent, recipient=ada, read_at=DUE)
    line(title="Out", broadcast=sent, recipient=ben)
    line(title="Alone", recipient=ben)
    audience = old.get_model("notifications", "AudienceNotification").objects.create(
        title="To all", stream="all", broadcast=shared
    )
    old.get_model("notifications", "AudienceRead").objects.create(
        notification=audience, user=ada, read_at=DUE
    )
    old.get_model("notifications", "InboxState").objects.create(user=ada, read_all_up_to=DUE)

    migrate(*newest)
    (occurrence,) = Broadcast.objects.get(pk=sent.pk).occurrences.all()
    assert (occurrence.local_time, occurrence.zone) == ("2026-11-20T09:30:00", "Europe/Berlin")
    assert (occurrence.title, occurrence.status, occurrence.due_at) == ("Out", "sent", DUE)
    assert (occurrence.total, occurrence.done, occurrence.fence) == (2, 2, 3)
    (occurrence,) = Broadcast.objects.get(pk=waiting.pk).occurrences.all()
    assert (occurrence.title, occurrence.status) == ("", "scheduled")
    assert list(Notification.objects.order_by("pk").values_list("occurrence__broadcast", "seen_at")) == [
        (sent.pk, DUE),
        (sent.pk, None),
        (None, None),
    ]
    told = AudienceNotification.objects.get()
    assert (told.occurrence.broadcast_id, told.category) == (shared.pk, "broadcasts")
    assert AudienceState.objects.get().seen_at == DUE
    assert dict(InboxState.objects.values_list("user", "unread")) == {ada.pk: 0, ben.pk: 2}
