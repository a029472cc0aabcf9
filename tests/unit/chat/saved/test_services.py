from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat import amending, services
from chat.errors import BadLimit, MessageDeleted, MessageNotFound
from chat.saved.errors import TooManySaved
from chat.saved.selectors import saved_ids, saved_page
from chat.saved.services import message_save, message_unsave
from tests.support.notices import published
from tests.support.people import client_id, make_room, say

pytestmark = pytest.mark.django_db


def save(user: User, message: int) -> None:
    message_save(user=user, message=message, client_id=client_id())


def unsave(user: User, message: int) -> None:
    message_unsave(user=user, message=message, client_id=client_id())


def texts(user: User) -> list[str]:
    return [item.message.text for item in saved_page(user.pk, before=None, limit=50).items]


def test_what_is_saved_is_a_list_of_ones_own_the_last_one_first(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    one, two = say(ada, room, "one", "two")
    for message in (two, one, two):
        save(bo, message)
    assert (texts(bo), saved_ids(bo.pk), texts(ada)) == (["one", "two"], [one, two], [])
    unsave(bo, two)
    unsave(bo, two)
    assert texts(bo) == ["one"]
    assert published(f"user:{bo.pk}", "chat.saved_changed") == [
        {"message": two, "saved": True},
        {"message": one, "saved": True},
        {"message": two, "saved": False},
    ]
    assert not published(f"user:{ada.pk}", "chat.saved_changed")


def test_it_says_what_the_message_says_now(ada: User, bo: User) -> None:
    (message,) = say(ada, make_room(ada, bo), "one")
    save(bo, message)
    amending.message_edit(user=ada, message=message, text="better", client_id=client_id())
    assert texts(bo) == ["better"]
    amending.message_delete(user=ada, message=message, client_id=client_id())
    (item,) = saved_page(bo.pk, before=None, limit=50).items
    assert (item.message.text, item.message.deleted) == ("", True)
    unsave(bo, message)
    with pytest.raises(MessageDeleted):
        save(bo, message)


def test_who_left_the_room_sees_nothing_of_it_and_can_let_it_go(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    first, second = say(ada, room, "one", "two")
    save(bo, first)
    save(bo, second)
    services.room_kick(user=ada, room=room, kicked=bo.pk, client_id=client_id())
    assert texts(bo) == []
    with pytest.raises(MessageNotFound):
        save(bo, first)
    unsave(bo, first)
    services.room_invite(user=ada, room=room, invited=bo.pk, client_id=client_id())
    assert texts(bo) == ["two"]


def test_nobody_saves_what_they_may_not_read(ada: User, bo: User) -> None:
    (message,) = say(ada, make_room(ada), "secret")
    for target in (message, 999_999, -1, 2**70):
        with pytest.raises(MessageNotFound):
            save(bo, target)
        unsave(bo, target)


def test_the_list_has_a_bound_and_comes_in_pages_of_few_queries(ada: User, settings: Any) -> None:
    settings.CHAT = {"max_saved": 3}
    one, two, three, four = say(ada, make_room(ada), "1", "2", "3", "4")
    for message in (one, two, three):
        save(ada, message)
    with pytest.raises(TooManySaved):
        save(ada, four)
    save(ada, three)
    with CaptureQueriesContext(connection) as captured:
        page = saved_page(ada.pk, before=None, limit=2)
    assert (len(captured), page.has_more) == (1, True)
    rest = saved_page(ada.pk, before=page.items[-1].id, limit=2)
    assert ([item.message.text for item in rest.items], rest.has_more) == (["1"], False)
    assert saved_page(ada.pk, before=-5, limit=2).items == []
    assert len(saved_page(ada.pk, before=2**70, limit=9).items) == 3
    for limit in (0, 101):
        with pytest.raises(BadLimit):
            saved_page(ada.pk, before=None, limit=limit)
