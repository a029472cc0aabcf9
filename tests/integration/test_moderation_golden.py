"""The golden test of moderators' queues: what a queue showed, and the events after it, equal a queue read afresh."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from accounts.models import User
from chat import sending
from chat.models import HeldMessage, ListedWord
from chat.moderation import held, reports, selectors
from chat.moderation import services as order
from chat.moderation.words import forget_words
from chat.payloads import Sent
from realtime.log.models import Event
from realtime.registry import registry
from tests.support.people import client_id, make_room, make_user

pytestmark = pytest.mark.django_db(transaction=True)

KINDS = sorted(name for name in registry.events if name.startswith("moderation."))


class World:
    """Ada owns the room, Max moderates it; Bo reports what Cy says, and half of that is held."""

    def __init__(self) -> None:
        self.ada, self.max, self.bo, self.cy = (make_user(name) for name in ("ada", "max", "bo", "cy"))
        self.room = make_room(self.ada, self.max, self.bo, self.cy)
        order.role_change(
            user=self.ada, room=self.room, member=self.max.pk, role="moderator", client_id=client_id()
        )
        ListedWord.objects.create(word="maybe", action="hold")
        forget_words()
        self.report(self.say("before"))
        self.say("maybe before")

    def say(self, text: str) -> int:
        send = sending.Send(self.cy, self.room, text, client_id())
        (outcome,) = sending.message_send_many([send])
        return outcome.message if isinstance(outcome, Sent) else 0

    def report(self, message: int) -> int:
        return reports.report(
            user=self.bo, message=message, person=None, why="spam", text="", client_id=client_id()
        ).report


def report_changed(world: World) -> None:
    first, second = world.report(world.say("one")), world.report(world.say("two"))
    reports.report_claim(user=world.max, report=first, client_id=client_id())
    reports.report_claim(user=world.ada, report=second, client_id=client_id())
    reports.report_release(user=world.ada, report=second, client_id=client_id())
    reports.report_close(
        user=world.max, report=first, action="delete", reason="", until=None, client_id=client_id()
    )


def message_held(world: World) -> None:
    world.say("maybe one")
    world.say("maybe two")


def held_judged(world: World) -> None:
    message_held(world)
    first, second, _ = HeldMessage.objects.order_by("pk")
    held.held_release(user=world.ada, held=first.pk, client_id=client_id())
    held.held_drop(user=world.max, held=second.pk, client_id=client_id())


CASES: dict[str, Callable[[World], None]] = {
    "moderation.report_changed": report_changed,
    "moderation.message_held": message_held,
    "moderation.held_judged": held_judged,
}


def queue(user: User) -> Any:
    return msgspec.json.decode(msgspec.json.encode(selectors.queue_of(user)))


def applied(state: Any, name: str, data: Any) -> Any:
    """As the page does it."""
    items, waiting = state["reports"]["items"], state["held"]
    if name == "moderation.report_changed":
        report = data["report"]
        items = [one for one in items if one["id"] != report["id"]]
        if report["outcome"] == "":
            items = sorted([*items, report], key=lambda one: -one["id"])
    elif name == "moderation.message_held":
        waiting = [one for one in waiting if one["id"] != data["held"]["id"]] + [data["held"]]
        waiting = sorted(waiting, key=lambda one: -one["id"])
    else:
        waiting = [one for one in waiting if one["id"] != data["held"]]
    return state | {"reports": state["reports"] | {"items": items}, "held": waiting}


def followed(state: Any, cursors: Any) -> Any:
    for event in Event.objects.filter(stream__in=cursors, seq__isnull=False).order_by("id"):
        if event.seq > cursors[event.stream]["seq"]:
            state = applied(state, event.name, msgspec.json.decode(event.data))
    return state


def shown(state: Any) -> Any:
    return {"reports": state["reports"]["items"], "held": state["held"]}


def test_every_kind_has_a_case() -> None:
    assert sorted(CASES) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_queue_and_the_events_after_it_equal_a_fresh_queue(kind: str) -> None:
    world = World()
    before = {user.pk: queue(user) for user in (world.ada, world.max)}
    CASES[kind](world)
    assert Event.objects.filter(name=kind).exists()
    for user in (world.ada, world.max):
        old = before[user.pk]
        assert shown(followed(old, old["cursors"])) == shown(queue(user))


@pytest.mark.parametrize("kind", KINDS)
def test_events_that_a_queue_contains_already_change_nothing(kind: str) -> None:
    world = World()
    old = queue(world.max)["cursors"]
    CASES[kind](world)
    fresh = queue(world.max)
    assert shown(followed(fresh, old)) == shown(fresh)


def test_who_moderates_nothing_follows_nothing_and_sees_nothing() -> None:
    world = World()
    for user in (world.bo, make_user("zoe")):
        assert shown(queue(user)) == {"reports": [], "held": []}
        assert queue(user)["cursors"] == {}
