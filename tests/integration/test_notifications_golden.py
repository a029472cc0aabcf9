"""The golden test of the inbox: for every event kind, a snapshot and the events after it equal a fresh snapshot.

A new event kind without a case here fails.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from notifications import services, upkeep
from notifications.audiences import Audience
from notifications.broadcasts.progress import progress
from notifications.broadcasts.sending import occurrence_claim_due, occurrence_send
from notifications.broadcasts.writing import NewBroadcast, broadcast_create
from notifications.models import AudienceNotification, Broadcast, Mark, Notification
from notifications.notify import notify
from notifications.preferences.payloads import QuietHours
from notifications.preferences.selectors import preferences_of
from notifications.preferences.services import (
    preference_choose,
    preference_hours,
    preference_mute,
    preference_scope,
)
from notifications.recall import recall
from notifications.selectors import audience_streams, inbox_snapshot
from realtime.log.models import Event
from realtime.registry import registry
from realtime.testing.waiting import wait_until
from tests.support import notification_types  # noqa: F401  (registers them)
from tests.support.notices import told
from tests.support.people import client_id, make_user

pytestmark = pytest.mark.django_db(transaction=True)

State = dict[str, Any]

EVERYBODY = Audience(kind="everybody")

# Pictures of their own, not of an inbox: tested below; those of reminders in their unit tests.
PROGRESS = "notifications.broadcast_progress"
PREFERENCES = "notifications.preferences_changed"
FIGURES = "notifications.broadcast_figures"  # transient
OTHERS = {PROGRESS, FIGURES, PREFERENCES, "notifications.reminder_set", "notifications.reminder_ended"}
KINDS = sorted(name for name in registry.events if name.startswith("notifications.") and name not in OTHERS)


def mark(user: User, name: Mark, *items: str) -> None:
    services.notification_mark(user, items, name, client_id=client_id())


class World:
    """Ada is in a group, Bo is not. Each has something in the inbox already, read and unread."""

    def __init__(self) -> None:
        self.ada, self.bo = make_user("ada"), make_user("bo")
        self.group = Group.objects.create(name="Pilots")
        self.group.user_set.add(self.ada)
        self.tell(self.ada, self.bo)
        self.broadcast("everybody")
        mark(self.ada, Mark.READ, self.newest(self.ada))
        self.tell(self.ada)

    @property
    def people(self) -> list[User]:
        return [self.ada, self.bo]

    def tell(self, *people: User) -> None:
        told(*people, title="For you")

    def broadcast(self, kind: str, key: int | None = None, people: tuple[int, ...] = ()) -> Broadcast:
        audience = Audience(kind=kind, key=key, user_ids=people)
        new = NewBroadcast(
            form_key=uuid.uuid4(), title="News", text="", level="info", link="", audience=audience
        )
        stored = broadcast_create(new, created_by=None)
        for claim in occurrence_claim_due():
            occurrence_send(claim)
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
    mark(world.ada, Mark.READ, *items[:2])
    mark(world.ada, Mark.READ, *items[:3])


def read_all(world: World) -> None:
    services.notification_read_all(world.ada, client_id=client_id())
    world.tell(world.ada)
    world.broadcast("everybody")


def marked(world: World) -> None:
    world.broadcast("everybody")
    items = [item.id for item in inbox_snapshot(world.ada).items]
    mark(world.ada, Mark.SEEN, *items)
    mark(world.ada, Mark.CLICKED, *items[:2])
    mark(world.ada, Mark.UNREAD, *items[:3])


def removed(world: World) -> None:
    """Archived, restored, snoozed and back, expired, recalled, old: own lines and shared ones."""
    world.broadcast("everybody")
    items = [item.id for item in inbox_snapshot(world.ada).items]
    mark(world.ada, Mark.ARCHIVED, *items[1:])
    mark(world.ada, Mark.RESTORED, items[1], items[-1])
    soon = timezone.now() + timedelta(milliseconds=50)
    services.notification_snooze(world.ada, items[:2], soon, client_id=client_id())
    expiring = AudienceNotification.objects.order_by("pk").first()
    AudienceNotification.objects.filter(pk=expiring.pk).update(expires_at=timezone.now())
    notice = notify("testing.shipped", to=[world.ada.pk, world.bo.pk], data={"number": 1}, key=client_id())
    shared = notify("testing.shipped", to=EVERYBODY, data={"number": 2}, key=client_id())
    Notification.objects.filter(recipient=world.bo).update(created_at=timezone.now() - timedelta(days=400))
    recall(notice.notice)
    recall(shared.notice)
    wait_until(lambda: timezone.now() >= soon, "the snooze is over")
    upkeep.keep_up()
    upkeep.retain()


CASES: dict[str, Callable[[World], None]] = {
    "notifications.created": created,
    "notifications.marked": marked,
    "notifications.read": read,
    "notifications.read_all": read_all,
    "notifications.removed": removed,
}


def snapshot(user: User) -> State:
    """The inbox as a client decodes it."""
    state: State = msgspec.json.decode(msgspec.json.encode(inbox_snapshot(user)))
    return state


def applied(state: State, name: str, data: Any, at: datetime) -> State:
    """The inbox after one event, as a client would compute it. Applying it again changes nothing."""
    items, own, shared = state["items"], state["unread"]["own"], state["unread"]["shared"]
    told: State = data.get("unread") or {}
    match name:
        case "notifications.created":
            item = data["item"]
            known = any(one["id"] == item["id"] for one in items)
            items = [one for one in items if one["id"] != item["id"]]
            items = sorted([item, *items], key=place, reverse=True)
            shared += data["own_unread"] is None and not known and not item["read"]
        case "notifications.read":
            items = with_marks(items, data["items"], seen=True, read=True)
        case "notifications.marked":
            marks = {
                "seen": {"seen": True},
                "clicked": {"seen": True, "read": True},
                "unread": {"read": False},
            }
            items = with_marks(items, data["items"], **marks[data["mark"]])
        case "notifications.read_all":
            passed = [item["id"] for item in items if moment(item) <= moment(data, "up_to")]
            items = with_marks(items, passed, seen=True, read=True)
        case "notifications.removed":
            gone = [item for item in items if item["id"] in data["items"]]
            items = [item for item in items if item not in gone]
            shared -= sum(item["id"][0] == "b" and not item["read"] for item in gone)
        case _:
            return state
    own = told.get("own", own if data.get("own_unread") is None else data["own_unread"])
    counted = told.get("shared", data.get("shared_unread"))
    if counted is not None:
        # What came after it was counted is here already, if this event is an old one.
        shared = counted + sum(one["id"][0] == "b" and not one["read"] and moment(one) > at for one in items)
    return {"items": items, "unread": {"own": own, "shared": shared}}


def with_marks(items: list[State], ids: list[str], **marks: bool) -> list[State]:
    return [item | marks if item["id"] in ids else item for item in items]


def place(item: State) -> tuple[datetime, str, int]:
    return moment(item), item["id"][0], int(item["id"][1:])


def moment(data: State, name: str = "created_at") -> datetime:
    return datetime.fromisoformat(data[name])


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
            state = applied(state, event.name, msgspec.json.decode(event.data), event.at)
        assert state == snapshot(user)


def test_who_has_turned_announcements_off_leaves_them_out_of_the_stream_as_the_snapshot_does() -> None:
    world = World()
    off = {"category": "broadcasts", "channel": "in_app", "frequency": "off"}
    preference_choose(world.bo, **off, client_id=client_id())
    before, mark = {user.pk: snapshot(user) for user in world.people}, last_event()
    created(world)
    for user in world.people:
        state = before[user.pk]
        for event in events_for(user, after=mark):
            data = msgspec.json.decode(event.data)
            if user == world.bo and event.name == "notifications.created" and is_announcement(data["item"]):
                continue
            state = applied(state, event.name, data, event.at)
        assert state == snapshot(user)
    assert not any(map(is_announcement, snapshot(world.bo)["items"]))


def is_announcement(item: State) -> bool:
    return item["id"][0] == "b" and item["category"] == "broadcasts" and not item["critical"]


@pytest.mark.parametrize("kind", KINDS)
def test_events_that_the_snapshot_contains_already_change_nothing(kind: str) -> None:
    world = World()
    mark = last_event()
    CASES[kind](world)

    for user in world.people:
        state = fresh = snapshot(user)
        for event in events_for(user, after=mark):
            state = applied(state, event.name, msgspec.json.decode(event.data), event.at)
        assert state == fresh


@pytest.mark.parametrize("kind", ["everybody", "users"])
def test_the_last_progress_of_a_broadcast_is_what_the_broadcast_says(kind: str) -> None:
    world = World()
    stored = world.broadcast(kind, people=tuple(user.pk for user in world.people) if kind == "users" else ())
    stored.refresh_from_db()
    last = Event.objects.filter(stream=f"broadcast:{stored.pk}", name=PROGRESS).order_by("seq").last()
    assert last is not None
    assert msgspec.json.decode(last.data) == msgspec.to_builtins(progress(stored))


def test_the_last_event_of_preferences_is_what_a_fresh_page_shows() -> None:
    ada = make_user()
    choose = {"category": "orders", "channel": "in_app"}
    preference_choose(ada, **choose, frequency="off", client_id=client_id())
    preference_mute(ada, until=timezone.now() + timedelta(hours=1), client_id=client_id())
    preference_scope(ada, scope="room:1", follow="mentions", muted_until=None, client_id=client_id())
    preference_hours(
        ada,
        time_zone="Asia/Kathmandu",
        language="en",
        quiet_hours=QuietHours("22:00", "07:15"),
        working_days=[1, 2, 3],
        client_id=client_id(),
    )
    events = Event.objects.filter(stream=f"user:{ada.pk}", name=PREFERENCES).order_by("seq")
    told = [msgspec.json.decode(event.data)["preferences"] for event in events]
    assert told[-1] == msgspec.to_builtins(preferences_of(ada))
    assert [one["version"] for one in told] == [1, 2, 3, 4]
