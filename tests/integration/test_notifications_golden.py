"""The golden test of the inbox: for every event kind, a snapshot and the events after it equal a fresh snapshot.

A new event kind without a case here fails.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from notifications import services
from notifications.broadcasts import (
    Audience,
    NewBroadcast,
    broadcast_claim_due,
    broadcast_create,
    broadcast_send,
    progress,
)
from notifications.models import Broadcast
from notifications.selectors import audience_streams, inbox_snapshot
from realtime.log.models import Event
from realtime.registry import registry
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db(transaction=True)

State = dict[str, Any]

# The progress of a broadcast is a picture of its own, not of an inbox: tested below.
PROGRESS = "notifications.broadcast_progress"
KINDS = sorted(name for name in registry.events if name.startswith("notifications.") and name != PROGRESS)


class World:
    """Ada is in a group, Bo is not. Each has something in the inbox already, read and unread."""

    def __init__(self) -> None:
        self.ada, self.bo = make_user("ada"), make_user("bo")
        self.group = Group.objects.create(name="Pilots")
        self.group.user_set.add(self.ada)
        self.tell(self.ada, self.bo)
        self.broadcast("everybody")
        services.notification_read(self.ada, [self.newest(self.ada)], client_id=client_id())
        self.tell(self.ada)

    @property
    def people(self) -> list[User]:
        return [self.ada, self.bo]

    def tell(self, *people: User) -> None:
        services.notification_create([user.pk for user in people], title="For you")

    def broadcast(self, kind: str, key: int | None = None, people: tuple[int, ...] = ()) -> Broadcast:
        audience = Audience(kind=kind, key=key, user_ids=people)
        new = NewBroadcast(
            form_key=uuid.uuid4(), title="News", text="", level="info", link="", audience=audience
        )
        stored = broadcast_create(new, created_by=None)
        for claim in broadcast_claim_due():
            broadcast_send(claim)
        return stored

    def newest(self, user: User) -> str:
        return str(inbox_snapshot(user).items[0].id)


def created(world: World) -> None:
    world.tell(world.ada)
    world.broadcast("everybody")
    world.broadcast("group", key=world.group.pk)
    world.broadcast("users", people=(world.bo.pk,))


def read(world: World) -> None:
    world.broadcast("everybody")
    items = [item.id for item in inbox_snapshot(world.ada).items]
    services.notification_read(world.ada, items[:2], client_id=client_id())
    services.notification_read(world.ada, items[:3], client_id=client_id())


def read_all(world: World) -> None:
    services.notification_read_all(world.ada, client_id=client_id())
    world.tell(world.ada)
    world.broadcast("everybody")


CASES: dict[str, Callable[[World], None]] = {
    "notifications.created": created,
    "notifications.read": read,
    "notifications.read_all": read_all,
}


def snapshot(user: User) -> State:
    """The inbox as a client decodes it."""
    state: State = msgspec.json.decode(msgspec.json.encode(inbox_snapshot(user)))
    return state


def applied(state: State, name: str, data: Any) -> State:
    """The inbox after one event, as a client would compute it. Applying it again changes nothing."""
    match name:
        case "notifications.created":
            if any(item["id"] == data["item"]["id"] for item in state["items"]):
                return state
            items = [data["item"], *state["items"]]
        case "notifications.read":
            items = [item | {"read": item["read"] or item["id"] in data["items"]} for item in state["items"]]
        case "notifications.read_all":
            items = [
                item | {"read": item["read"] or item["created_at"] <= data["up_to"]}
                for item in state["items"]
            ]
        case _:
            return state
    return {"items": items, "unread": sum(not item["read"] for item in items)}


def events_for(user: User, *, after: int) -> list[Event]:
    """What the user's streams carried since, in the order of writing."""
    streams = [f"user:{user.pk}", *audience_streams(user)]
    return list(Event.objects.filter(stream__in=streams, id__gt=after, seq__isnull=False).order_by("id"))


def last_event() -> int:
    newest = Event.objects.order_by("-id").first()
    return newest.pk if newest else 0


def test_every_event_kind_has_a_case() -> None:
    assert sorted(CASES) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_snapshot_and_the_events_after_it_equal_a_fresh_snapshot(kind: str) -> None:
    world = World()
    before, mark = {user.pk: snapshot(user) for user in world.people}, last_event()
    CASES[kind](world)

    assert Event.objects.filter(name=kind, id__gt=mark).exists()
    for user in world.people:
        state = before[user.pk]
        for event in events_for(user, after=mark):
            state = applied(state, event.name, msgspec.json.decode(event.data))
        assert state == snapshot(user)


@pytest.mark.parametrize("kind", KINDS)
def test_events_that_the_snapshot_contains_already_change_nothing(kind: str) -> None:
    world = World()
    mark = last_event()
    CASES[kind](world)

    for user in world.people:
        state = fresh = snapshot(user)
        for event in events_for(user, after=mark):
            state = applied(state, event.name, msgspec.json.decode(event.data))
        assert state == fresh


@pytest.mark.parametrize("kind", ["everybody", "users"])
def test_the_last_progress_of_a_broadcast_is_what_the_broadcast_says(kind: str) -> None:
    world = World()
    stored = world.broadcast(kind, people=tuple(user.pk for user in world.people) if kind == "users" else ())
    stored.refresh_from_db()
    last = Event.objects.filter(stream=f"broadcast:{stored.pk}", name=PROGRESS).order_by("seq").last()
    assert last is not None
    assert msgspec.json.decode(last.data) == msgspec.to_builtins(progress(stored))
