from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from chat import services
from chat.drafts.errors import TooManyDrafts
from chat.drafts.payloads import Draft as DraftPayload
from chat.drafts.selectors import drafts_of
from chat.drafts.services import draft_save
from chat.errors import BadCharacters, MessageNotFound, RoomNotFound, TooLong
from chat.models import Draft
from tests.support.notices import published
from tests.support.people import client_id, make_room, say
from tests.support.together import all_together

pytestmark = pytest.mark.django_db(transaction=True)


def write(user: User, room: int, text: str, thread: int | None = None) -> DraftPayload:
    return draft_save(user=user, room=room, thread=thread, text=text, client_id=client_id())


def texts(user: User) -> dict[tuple[int, int | None], str]:
    return {(one.room, one.thread): one.text for one in drafts_of(user.pk)}


def test_there_is_one_per_room_and_thread_and_it_is_ones_own(ada: User, bo: User) -> None:
    room, other = make_room(ada, bo), make_room(ada)
    (root,) = say(bo, room, "hi")
    write(ada, room, "  I th")
    write(ada, room, "  I think\n")
    write(ada, room, "in the thread", root)
    write(ada, other, "there")
    assert texts(ada) == {(room, None): "  I think\n", (room, root): "in the thread", (other, None): "there"}
    assert texts(bo) == {}
    assert not published(f"room:{room}", "chat.draft_changed")
    assert [one["draft"]["text"] for one in published(f"user:{ada.pk}", "chat.draft_changed")] == [
        "  I th",
        "  I think\n",
        "in the thread",
        "there",
    ]


def test_the_version_rises_also_over_an_end_and_says_nothing_without_a_change(ada: User) -> None:
    room = make_room(ada)
    versions = [write(ada, room, text).version for text in ("a", "b", "", "c")]
    assert versions == sorted(set(versions))
    assert write(ada, room, "c").version == versions[-1]
    assert write(ada, room, " \n ").text == ""
    assert write(ada, room, "").text == ""
    assert not Draft.objects.exists()
    assert len(published(f"user:{ada.pk}", "chat.draft_changed")) == 5


def test_the_writer_who_comes_last_wins_and_two_at_once_leave_one(ada: User) -> None:
    room = make_room(ada)
    all_together([lambda text=text: write(ada, room, text) for text in ("phone", "desk", "tablet")])
    told = [one["draft"] for one in published(f"user:{ada.pk}", "chat.draft_changed")]
    versions = [draft["version"] for draft in told]
    assert versions == sorted(set(versions))
    (draft,) = drafts_of(ada.pk)
    assert (draft.text, draft.version) == (told[-1]["text"], told[-1]["version"])


def test_it_goes_with_the_membership(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    write(bo, room, "mine")
    services.room_kick(user=ada, room=room, kicked=bo.pk, client_id=client_id())
    assert texts(bo) == {}
    with pytest.raises(RoomNotFound):
        write(bo, room, "again")
    assert not Draft.objects.exists()


def test_what_may_be_in_it_and_how_many_there_are_has_bounds(ada: User, bo: User, settings: Any) -> None:
    settings.CHAT = {"max_drafts": 2}
    room, second, third = make_room(ada), make_room(ada), make_room(ada)
    with pytest.raises(TooLong):
        write(ada, room, "x" * 8001)
    with pytest.raises(BadCharacters):
        write(ada, room, "a\x00b")
    (elsewhere,) = say(bo, make_room(bo), "hi")
    for thread in (elsewhere, 999_999, 0, -1, 2**70):
        with pytest.raises(MessageNotFound):
            write(ada, room, "x", thread)
    write(ada, room, "x" * 8000)
    write(ada, second, "two")
    with pytest.raises(TooManyDrafts):
        write(ada, third, "three")
    write(ada, second, "")
    write(ada, third, "three")
