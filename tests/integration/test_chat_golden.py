"""The golden test of chat: for every event kind, a snapshot and the events after it equal a fresh snapshot.

A new event kind without a case here fails.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import msgspec
import pytest

from accounts.models import User
from chat import api, selectors, sending, services
from chat.api import snapshot_of
from realtime.log.models import Event
from realtime.registry import registry
from tests.support import chat_state
from tests.support.people import client_id, make_direct, make_room, make_user

pytestmark = pytest.mark.django_db(transaction=True)

TRANSIENT = {"chat.typing"}
KINDS = sorted(name for name in registry.events if name.startswith("chat.") and name not in TRANSIENT)


class World:
    """Ada owns a room with Bo in it; Cy is outside. Ada and Bo also talk directly."""

    def __init__(self) -> None:
        self.ada, self.bo, self.cy = make_user("ada"), make_user("bo"), make_user("cy")
        self.room = make_room(self.ada, self.bo, name="The room")
        self.public = make_room(self.ada, kind="public", name="Anybody")
        self.direct = make_direct(self.ada, self.bo)
        self.first = self.say(self.ada, "first")
        self.last = self.say(self.bo, "last")

    @property
    def people(self) -> list[User]:
        return [self.ada, self.bo, self.cy]

    def say(self, author: User, text: str, *, room: int = 0) -> int:
        sent = sending.message_send(author=author, room=room or self.room, text=text, client_id=client_id())
        return sent.message


def message_created(world: World) -> None:
    world.say(world.ada, "one")
    world.say(world.bo, "two")
    world.say(world.bo, "three", room=world.direct)


def message_edited(world: World) -> None:
    for message, user in ((world.first, world.ada), (world.last, world.bo), (world.last, world.bo)):
        services.message_edit(user=user, message=message, text=f"other {client_id()}", client_id=client_id())


def message_deleted(world: World) -> None:
    for message, user in ((world.first, world.ada), (world.last, world.ada)):
        services.message_delete(user=user, message=message, client_id=client_id())


def member_joined(world: World) -> None:
    services.room_join(user=world.cy, room=world.public, client_id=client_id())
    services.room_join(user=world.bo, room=world.public, client_id=client_id())
    world.say(world.cy, "hello", room=world.public)


def member_left(world: World) -> None:
    services.room_invite(user=world.bo, room=world.room, invited=world.cy.pk, client_id=client_id())
    services.room_kick(user=world.ada, room=world.room, kicked=world.bo.pk, client_id=client_id())
    services.room_leave(user=world.cy, room=world.room, client_id=client_id())


def room_changed(world: World) -> None:
    services.room_change(user=world.ada, room=world.room, name="Renamed", topic="New", client_id=client_id())
    services.room_leave(user=world.ada, room=world.room, client_id=client_id())  # Bo inherits it


def room_added(world: World) -> None:
    make_room(world.bo, world.ada, world.cy, name="New")
    make_direct(world.cy, world.ada)
    services.room_invite(user=world.ada, room=world.room, invited=world.cy.pk, client_id=client_id())
    world.say(world.cy, "I am in")


def room_removed(world: World) -> None:
    services.room_kick(user=world.ada, room=world.room, kicked=world.bo.pk, client_id=client_id())
    services.room_invite(user=world.ada, room=world.room, invited=world.bo.pk, client_id=client_id())
    world.say(world.ada, "again")
    services.room_leave(user=world.ada, room=world.public, client_id=client_id())


def room_read(world: World) -> None:
    services.room_read(user=world.ada, room=world.room, number=1, client_id=client_id())
    world.say(world.bo, "more")
    services.room_read(user=world.ada, room=world.room, number=2, client_id=client_id())


CASES: dict[str, Callable[[World], None]] = {
    "chat.message_created": message_created,
    "chat.message_edited": message_edited,
    "chat.message_deleted": message_deleted,
    "chat.member_joined": member_joined,
    "chat.member_left": member_left,
    "chat.room_changed": room_changed,
    "chat.room_added": room_added,
    "chat.room_removed": room_removed,
    "chat.room_read": room_read,
}


def snapshot(user: User) -> chat_state.State:
    """What `GET /api/snapshot` answers, as a client decodes it."""
    state: chat_state.State = msgspec.json.decode(msgspec.json.encode(snapshot_of(user)))
    return state


def followed(state: chat_state.State) -> chat_state.State:
    """The state after every event in the log that follows its cursors, streams that appear meanwhile included."""
    while True:
        fresh = [event for event in _log(state["cursors"])]
        if not fresh:
            return state
        state = chat_state.apply(state, fresh[0])


def comparable(state: chat_state.State) -> chat_state.State:
    """Epochs of streams that had no event at the snapshot are unknown to it; the order of rooms is free."""
    rooms = sorted(state["rooms"], key=lambda room: room["id"])
    cursors = {stream: cursor["seq"] for stream, cursor in state["cursors"].items()}
    return state | {"rooms": rooms, "cursors": cursors}


def _log(cursors: dict[str, Any]) -> list[chat_state.Event]:
    """The next event of each stream after its cursor, the one written first at the front."""
    rows = Event.objects.filter(stream__in=cursors, seq__isnull=False).order_by("id")
    return [
        {
            "stream": row.stream,
            "epoch": cursors[row.stream]["epoch"],
            "seq": row.seq,
            "name": row.name,
            "data": msgspec.json.decode(row.data),
        }
        for row in rows
        if row.seq == cursors[row.stream]["seq"] + 1
    ]


def test_every_event_kind_has_a_case() -> None:
    assert sorted(CASES) == KINDS
    assert sorted(chat_state.REDUCERS) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_snapshot_and_the_events_after_it_equal_a_fresh_snapshot(kind: str) -> None:
    world = World()
    before = {user.pk: snapshot(user) for user in world.people}
    CASES[kind](world)

    assert kind in set(Event.objects.values_list("name", flat=True))
    for user in world.people:
        assert comparable(followed(before[user.pk])) == comparable(snapshot(user))


@pytest.mark.parametrize("kind", KINDS)
def test_events_that_the_snapshot_contains_already_change_nothing(kind: str) -> None:
    world = World()
    cursors = {user.pk: snapshot(user)["cursors"] for user in world.people}
    CASES[kind](world)

    for user in world.people:
        fresh = snapshot(user)
        # As if everything happened between reading the cursors and reading the rooms.
        rooms = {f"room:{room['id']}" for room in fresh["rooms"]}
        old = {
            stream: cursors[user.pk].get(stream, fresh["cursors"][stream])
            for stream in fresh["cursors"]
            if stream in rooms or not stream.startswith("room:")
        }
        assert comparable(followed(fresh | {"cursors": old})) == comparable(fresh)


# Who notices most of each case.
WITNESS = {"chat.member_joined": "cy", "chat.room_added": "cy", "chat.room_read": "ada"}
STEPS = (
    (api, "audience_streams"),
    (api, "positions"),
    (selectors, "room_ids_of"),
    (selectors, "rooms_of"),
    (api, "inbox_snapshot"),
)


@pytest.mark.parametrize(("module", "step"), STEPS, ids=[step for _, step in STEPS])
@pytest.mark.parametrize("kind", KINDS)
def test_what_happens_in_the_middle_of_a_snapshot_is_not_missed(
    kind: str, module: ModuleType, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    user = getattr(world, WITNESS.get(kind, "bo"))
    original = getattr(module, step)

    def and_then_it_happens(*args: Any) -> Any:
        value = original(*args)
        monkeypatch.setattr(module, step, original)
        CASES[kind](world)
        return value

    monkeypatch.setattr(module, step, and_then_it_happens)
    torn = snapshot(user)
    assert comparable(followed(torn)) == comparable(snapshot(user))
