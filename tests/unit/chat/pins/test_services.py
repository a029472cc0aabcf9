from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from chat import amending
from chat.errors import MessageDeleted, MessageNotFound, RoomNotFound
from chat.models import Member, Pin
from chat.pins.errors import MayNotPin, TooManyPins
from chat.pins.selectors import pins_of
from chat.pins.services import message_pin, message_unpin
from chat.selectors import messages_before
from tests.support.notices import published
from tests.support.people import client_id, make_room, say
from tests.support.together import all_together

pytestmark = pytest.mark.django_db(transaction=True)


def pin(user: User, message: int) -> bool:
    return message_pin(user=user, message=message, client_id=client_id()).message.pinned


def unpin(user: User, message: int) -> bool:
    return message_unpin(user=user, message=message, client_id=client_id()).message.pinned


def pinned(user: User, room: int) -> list[str]:
    return [one.message.text for one in pins_of(user.pk, room)]


def owners_only(member: Member) -> bool:
    return member.role == Member.Role.OWNER


def test_every_member_pins_and_takes_pins_away_and_the_last_one_comes_first(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    one, two = say(ada, room, "one", "two")
    assert [pin(bo, one), pin(ada, two), pin(ada, one)] == [True, True, True]
    assert pinned(bo, room) == ["two", "one"]
    assert [item.pinned for item in messages_before(bo.pk, room, before=None, limit=9).items] == [True, True]
    first = pins_of(ada.pk, room)[-1]
    assert first.pinned_by is not None
    assert first.pinned_by.username == "bo"
    assert not unpin(bo, two)
    assert not unpin(bo, two)
    assert pinned(ada, room) == ["one"]
    names = ("chat.message_pinned", "chat.message_unpinned")
    assert [len(published(f"room:{room}", name)) for name in names] == [2, 1]


def test_the_list_is_for_members_and_so_is_pinning(ada: User, bo: User) -> None:
    room = make_room(ada)
    (message,) = say(ada, room, "secret")
    pin(ada, message)
    with pytest.raises(RoomNotFound):
        pins_of(bo.pk, room)
    for attempt in (pin, unpin):
        with pytest.raises(MessageNotFound):
            attempt(bo, message)


def test_an_installation_may_have_its_own_rule(ada: User, bo: User, settings: Any) -> None:
    settings.CHAT_MAY_PIN = f"{__name__}.owners_only"
    (message,) = say(bo, make_room(ada, bo), "hi")
    for attempt in (pin, unpin):
        with pytest.raises(MayNotPin):
            attempt(bo, message)
    assert pin(ada, message)


def test_a_deletion_takes_the_pin_off_the_list_and_its_undoing_brings_it_back(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    (message,) = say(ada, room, "hi")
    pin(bo, message)
    amending.message_edit(user=ada, message=message, text="better", client_id=client_id())
    assert pinned(bo, room) == ["better"]
    amending.message_delete(user=ada, message=message, client_id=client_id())
    assert pinned(bo, room) == []
    with pytest.raises(MessageDeleted):
        pin(bo, message)
    amending.message_restore(user=ada, message=message, client_id=client_id())
    assert pinned(bo, room) == ["better"]


def test_a_room_has_room_for_so_many_also_when_two_pin_at_once(ada: User, bo: User, settings: Any) -> None:
    settings.CHAT = {"max_pins": 2}
    room = make_room(ada, bo)
    one, two, three = say(ada, room, "one", "two", "three")
    pin(ada, one)

    def attempt(user: User, message: int) -> str:
        try:
            return "pinned" if pin(user, message) else "not"
        except TooManyPins:
            return "full"

    outcomes = all_together([lambda: attempt(ada, two), lambda: attempt(bo, three)])
    assert sorted(outcomes) == ["full", "pinned"]
    assert Pin.objects.count() == 2


def test_two_who_pin_the_same_message_pin_it_once(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    (message,) = say(ada, room, "hi")
    assert all_together([lambda user=user: pin(user, message) for user in (ada, bo)]) == [True, True]
    assert len(published(f"room:{room}", "chat.message_pinned")) == 1
