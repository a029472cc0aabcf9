"""Broadcasts and what came of them, for tests: made by the service, read from the log."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from notifications.audiences import Audience
from notifications.broadcasts.schedule import Schedule
from notifications.broadcasts.sending import occurrence_claim_due, occurrence_send
from notifications.broadcasts.writing import NewBroadcast, broadcast_create
from notifications.models import Broadcast, Mark, Notification, Occurrence
from notifications.placing import add_lines, lock_inboxes
from notifications.services import MarkResult, notification_mark
from realtime.log.models import Event

EVERYBODY = Audience(kind="everybody")


def new_broadcast(audience: Audience = EVERYBODY, **fields: Any) -> NewBroadcast:
    content = {"title": "Tea is ready", "text": "In the kitchen.", "level": "info", "link": "/rooms/1"}
    return NewBroadcast(**{"form_key": uuid.uuid4(), "audience": audience, **content, **fields})


def to_people(*people: User) -> Audience:
    return Audience(kind="users", user_ids=tuple(user.pk for user in people))


def at(moment: datetime) -> Schedule:
    """Once, at that moment."""
    return Schedule(start=moment.astimezone(UTC).replace(tzinfo=None))


def stored(audience: Audience = EVERYBODY, **fields: Any) -> Broadcast:
    return broadcast_create(new_broadcast(audience, **fields), created_by=None)


def sent(audience: Audience = EVERYBODY, **fields: Any) -> Broadcast:
    """A broadcast that is sent, by what a worker would do."""
    broadcast = stored(audience, **fields)
    send_due()
    broadcast.refresh_from_db()
    return broadcast


def send_due(now: datetime | None = None) -> None:
    """What one tick and its workers do."""
    for claim in occurrence_claim_due(now=now or timezone.now()):
        occurrence_send(claim)


def only_occurrence(broadcast: Broadcast) -> Occurrence:
    return broadcast.occurrences.get()


def figures(broadcast: Broadcast) -> tuple[str, int, int]:
    """Status, done and total of its only occurrence."""
    found: tuple[str, int, int] = broadcast.occurrences.values_list("status", "done", "total").get()
    return found


def told(*people: User, **fields: Any) -> list[Notification]:
    """One line in the inbox of each of these people."""
    lines = [Notification(recipient=user, **{"title": "hi", **fields}) for user in people]
    with transaction.atomic():
        return add_lines(lines, lock_inboxes([user.pk for user in people]))


def read(user: User, items: Sequence[str], *, client_id: str) -> MarkResult:
    return notification_mark(user, items, Mark.READ, client_id=client_id)


def published(stream: str, name: str = "") -> list[dict[str, Any]]:
    """The data of the stream's events (of that name), in the order of their numbers."""
    rows = Event.objects.filter(stream=stream).order_by("seq")
    return [msgspec.json.decode(row.data) for row in rows if name in ("", row.name)]
