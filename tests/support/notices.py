"""Broadcasts and what came of them, for tests: made by the service, read from the log."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from django.utils import timezone

from accounts.models import User
from notifications.broadcasts import (
    Audience,
    NewBroadcast,
    broadcast_claim_due,
    broadcast_create,
    broadcast_send,
)
from notifications.models import Broadcast
from realtime.log.models import Event

EVERYBODY = Audience(kind="everybody")


def new_broadcast(audience: Audience = EVERYBODY, **fields: Any) -> NewBroadcast:
    content = {"title": "Tea is ready", "text": "In the kitchen.", "level": "info", "link": "/rooms/1"}
    return NewBroadcast(**{"form_key": uuid.uuid4(), "audience": audience, **content, **fields})


def to_people(*people: User) -> Audience:
    return Audience(kind="users", user_ids=tuple(user.pk for user in people))


def stored(audience: Audience = EVERYBODY, **fields: Any) -> Broadcast:
    return broadcast_create(new_broadcast(audience, **fields), created_by=None)


def sent(audience: Audience = EVERYBODY, **fields: Any) -> Broadcast:
    """A broadcast that is sent, by what a worker would do."""
    broadcast = stored(audience, **fields)
    for claim in broadcast_claim_due(now=timezone.now()):
        broadcast_send(claim)
    broadcast.refresh_from_db()
    return broadcast


def published(stream: str, name: str = "") -> list[dict[str, Any]]:
    """The data of the stream's events (of that name), in the order of their numbers."""
    rows = Event.objects.filter(stream=stream).order_by("seq")
    return [msgspec.json.decode(row.data) for row in rows if name in ("", row.name)]
