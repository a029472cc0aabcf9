from __future__ import annotations

import pytest

from accounts.models import User
from chat import services
from chat.errors import BadNumber, RoomNotFound
from chat.models import Member
from chat.selectors import rooms_of
from chat.unread.services import room_unread
from tests.support.notices import published
from tests.support.people import client_id, make_room, say
from tests.support.together import all_together

pytestmark = pytest.mark.django_db(transaction=True)


def back(user: User, room: int, number: int) -> int:
    return room_unread(user=user, room=room, number=number, client_id=client_id()).number


def read(user: User, room: int, number: int, version: int | None = None) -> int:
    mark = services.room_read(
        user=user, room=room, number=number, client_id=client_id(), unread_version=version
    )
    return mark.number


def test_the_mark_goes_back_and_forward_again_with_the_mentions(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    say(bo, room, "one", "@ada two", "three")
    read(ada, room, 3)
    assert back(ada, room, 2) == 1
    (seen,) = rooms_of(ada.pk, [room])
    assert (seen.read_number, seen.mentioned, seen.unread_version, seen.unread_as_of) == (1, [2], 1, 3)
    assert published(f"user:{ada.pk}", "chat.room_unread") == [
        {"room": room, "number": 1, "mentioned": [2], "unread_version": 1, "unread_as_of": 3, "hidden": 0}
    ]
    assert read(ada, room, 3, version=1) == 3
    assert rooms_of(ada.pk, [room])[0].mentioned == []


def test_what_is_unread_already_stays_as_it_is(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    say(bo, room, "one", "two", "three")
    read(ada, room, 1)
    for number in (2, 3, 99):
        assert back(ada, room, number) == 1
    assert not published(f"user:{ada.pk}", "chat.room_unread")


def test_a_device_that_has_not_heard_of_it_cannot_undo_it(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    say(bo, room, "one", "two", "three")
    read(ada, room, 3, version=0)
    back(ada, room, 2)
    assert read(ada, room, 3, version=0) == 1
    assert rooms_of(ada.pk, [room])[0].read_number == 1
    assert read(ada, room, 2, version=1) == 2
    assert read(ada, room, 3) == 3  # a client that knows nothing of versions means what it says


def test_one_who_reads_and_one_who_marks_unread_at_once_agree_with_the_events(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    say(bo, room, *"12345")
    read(ada, room, 4, version=0)
    all_together(
        [
            *[lambda: read(ada, room, 5, version=0)] * 2,
            *[lambda number=number: back(ada, room, number) for number in (2, 3)],
        ]
    )
    member = Member.objects.get(user=ada, room_id=room)
    assert member.read_number == 1 or (member.read_number, member.unread_version) == (2, 2)
    assert member.read_number == published(f"user:{ada.pk}", "chat.room_unread")[-1]["number"]
    last = published(f"user:{ada.pk}")[-1]
    assert last["number"] == member.read_number


def test_it_is_for_members_and_messages_that_may_be(ada: User, bo: User) -> None:
    room = make_room(ada)
    with pytest.raises(RoomNotFound):
        back(bo, room, 1)
    for number in (0, -1, 2**63):
        with pytest.raises(BadNumber):
            back(ada, room, number)
