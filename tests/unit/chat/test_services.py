from __future__ import annotations

from typing import Any

import msgspec
import pytest

from accounts.models import User
from chat import sending, services
from chat.errors import (
    BadMentionRule,
    BadName,
    BadNumber,
    BadRoom,
    BadUser,
    DirectRoomIsFixed,
    NameTaken,
    NotRoomOwner,
    PersonNotFound,
    RoomNotFound,
    RoomsLimitReached,
    TooManyPeople,
)
from chat.models import Member, Room
from chat.moderation.errors import NotModerator
from chat.streams import readable_rooms
from realtime import Conflict, Invalid
from realtime.log.models import Event
from tests.support.people import client_id, make_direct, make_room, make_user

pytestmark = pytest.mark.django_db


def say(author: User, room: int, text: str = "hi") -> int:
    return sending.message_send(author=author, room=room, text=text, client_id=client_id()).message


def last_event(stream: str) -> tuple[str, Any]:
    event = Event.objects.filter(stream=stream).latest("id")
    return event.name, msgspec.json.decode(event.data)


def test_who_creates_a_room_owns_it(ada: User) -> None:
    opened = services.room_create(user=ada, kind="private", name=" Den ", topic="quiet", client_id="c")
    assert (opened.room.name, opened.room.role, opened.room.member_count) == ("Den", "owner", 1)
    assert services.room_create(user=ada, kind="private", name="Other", topic="", client_id="c") == opened
    assert Room.objects.count() == 1


def test_a_client_id_belongs_to_one_command(ada: User) -> None:
    room = make_room(ada)
    services.room_read(user=ada, room=room, number=0, client_id="c")
    with pytest.raises(Conflict):
        services.room_leave(user=ada, room=room, client_id="c")


@pytest.mark.parametrize("kind", ["direct", "secret", ""])
def test_only_public_and_private_rooms_are_created(ada: User, kind: str) -> None:
    with pytest.raises(BadRoom):
        services.room_create(user=ada, kind=kind, name="x", topic="", client_id=client_id())


def test_public_names_are_unique_whatever_the_case_and_private_ones_are_free(ada: User, bo: User) -> None:
    make_room(ada, kind="public", name="Straße")
    with pytest.raises(NameTaken):
        services.room_create(user=bo, kind="public", name="STRASSE", topic="", client_id=client_id())
    services.room_create(user=bo, kind="private", name="Straße", topic="", client_id=client_id())


def test_a_failed_command_may_be_repeated_with_the_same_client_id(ada: User) -> None:
    with pytest.raises(BadName):
        services.room_create(user=ada, kind="public", name="<b>", topic="", client_id="c")
    assert services.room_create(user=ada, kind="public", name="b", topic="", client_id="c").room.name == "b"


def test_joining_twice_is_one_membership_and_one_event(ada: User, bo: User) -> None:
    room = make_room(ada, kind="public")
    say(ada, room)
    first = services.room_join(user=bo, room=room, client_id=client_id())
    services.room_join(user=bo, room=room, client_id=client_id())
    assert (first.room.read_number, first.room.last_number) == (1, 1)
    joined = Event.objects.filter(stream=f"room:{room}", name="chat.member_joined")
    assert joined.count() == 1
    assert last_event(f"user:{bo.pk}")[0] == "chat.room_added"


def test_a_private_room_and_no_room_are_equally_not_found(ada: User, bo: User) -> None:
    answers = []
    for room in (make_room(ada), 999_999, 0, -5, 2**70):
        with pytest.raises(RoomNotFound) as caught:
            services.room_join(user=bo, room=room, client_id=client_id())
        answers.append(caught.value.as_dict())
    assert all(answer == answers[0] for answer in answers)


def test_a_kick_revokes_the_stream_in_the_same_transaction(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    services.room_kick(user=ada, room=room, kicked=bo.pk, client_id=client_id())
    assert last_event("system:access") == (
        "access.stream_revoked",
        {"stream": f"room:{room}", "users": [bo.pk]},
    )
    assert last_event(f"room:{room}") == (
        "chat.member_left",
        {"user_id": bo.pk, "member_count": 1, "kicked": True},
    )
    removed = {"room": room, "why": "kicked", "reason": "", "until": None}
    assert last_event(f"user:{bo.pk}") == ("chat.room_removed", removed)
    assert readable_rooms(bo, {str(room)}) == set()


def test_leaving_revokes_the_stream_and_hands_the_room_over(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo, cy)
    services.room_leave(user=ada, room=room, client_id=client_id())
    assert last_event("system:access")[1] == {"stream": f"room:{room}", "users": [ada.pk]}
    assert Member.objects.get(room_id=room, user=bo).role == "owner"
    assert last_event(f"room:{room}")[1]["owners"] == [bo.pk]


def test_who_joins_an_empty_public_room_owns_it(ada: User, bo: User) -> None:
    room = make_room(ada, kind="public")
    services.room_leave(user=ada, room=room, client_id=client_id())
    assert services.room_join(user=bo, room=room, client_id=client_id()).room.role == "owner"


def test_owners_decide_who_may_address_everybody(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    change = {"room": room, "name": None, "topic": None, "client_id": client_id()}
    with pytest.raises(NotRoomOwner):
        services.room_change(user=bo, mention_all="members", **change)  # type: ignore[arg-type]
    with pytest.raises(BadMentionRule):
        services.room_change(user=ada, mention_all="nobody", **change)  # type: ignore[arg-type]
    changed = services.room_change(user=ada, mention_all="owners", **change)  # type: ignore[arg-type]
    assert changed.room.mention_all == "owners"
    assert last_event(f"room:{room}")[1]["mention_all"] == "owners"


def test_owners_kick_others_only(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo)
    with pytest.raises(NotModerator):
        services.room_kick(user=bo, room=room, kicked=ada.pk, client_id=client_id())
    with pytest.raises(BadUser):
        services.room_kick(user=ada, room=room, kicked=ada.pk, client_id=client_id())
    for absent in (cy.pk, 999_999, -1, 2**70):
        with pytest.raises(PersonNotFound):
            services.room_kick(user=ada, room=room, kicked=absent, client_id=client_id())


def test_deactivated_people_cannot_be_invited_or_written_to(ada: User, bo: User) -> None:
    room = make_room(ada)
    User.objects.filter(pk=bo.pk).update(is_active=False)
    with pytest.raises(PersonNotFound):
        services.room_invite(user=ada, room=room, invited=bo.pk, client_id=client_id())
    with pytest.raises(PersonNotFound):
        services.direct_open(user=ada, others=[bo.pk], client_id=client_id())


def test_two_people_have_one_direct_room_whoever_opens_it(ada: User, bo: User) -> None:
    first = services.direct_open(user=ada, others=[bo.pk], client_id=client_id())
    second = services.direct_open(user=bo, others=[ada.pk], client_id=client_id())
    assert first.room.id == second.room.id
    assert [person.username for person in first.room.members] == ["ada", "bo"]
    assert last_event(f"user:{bo.pk}")[1]["room"]["members"][0]["username"] == "ada"
    with pytest.raises(BadUser):
        services.direct_open(user=ada, others=[ada.pk], client_id=client_id())


def test_several_people_have_one_direct_room_whoever_opens_it(ada: User, bo: User, cy: User) -> None:
    first = services.direct_open(user=ada, others=[bo.pk, cy.pk, bo.pk], client_id=client_id())
    again = services.direct_open(user=cy, others=[ada.pk, bo.pk], client_id=client_id())
    assert again.room.id == first.room.id != make_direct(ada, bo)
    assert [person.username for person in first.room.members] == ["ada", "bo", "cy"]
    assert first.room.member_count == 3
    room = Room.objects.get(pk=first.room.id)
    assert room.direct_key == f"{ada.pk}:{bo.pk}:{cy.pk}"


def test_a_direct_room_is_for_others_and_for_a_few(ada: User, bo: User, settings: Any) -> None:
    for others in ([], [ada.pk], [ada.pk, bo.pk]):
        with pytest.raises(BadUser):
            services.direct_open(user=ada, others=others, client_id=client_id())
    settings.CHAT = {"max_direct_people": 3}
    with pytest.raises(TooManyPeople):
        services.direct_open(user=ada, others=[bo.pk, 2**70, 2**71], client_id=client_id())
    with pytest.raises(PersonNotFound):
        services.direct_open(user=ada, others=[bo.pk, 2**70], client_id=client_id())
    assert not Room.objects.exists()


def test_a_direct_room_keeps_its_two_people(ada: User, bo: User, cy: User) -> None:
    room = make_direct(ada, bo)
    for attempt in (
        lambda: services.room_leave(user=ada, room=room, client_id=client_id()),
        lambda: services.room_invite(user=ada, room=room, invited=cy.pk, client_id=client_id()),
        lambda: services.room_kick(user=ada, room=room, kicked=bo.pk, client_id=client_id()),
        lambda: services.room_change(user=ada, room=room, name="x", topic=None, client_id=client_id()),
    ):
        with pytest.raises(DirectRoomIsFixed):
            attempt()
    with pytest.raises(RoomNotFound):
        services.room_join(user=cy, room=room, client_id=client_id())


def test_the_read_mark_moves_forward_only_and_never_beyond_the_end(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    for _ in range(3):
        say(bo, room)
    assert services.room_read(user=ada, room=room, number=2, client_id=client_id()).number == 2
    assert services.room_read(user=ada, room=room, number=1, client_id=client_id()).number == 2
    assert services.room_read(user=ada, room=room, number=10**15, client_id=client_id()).number == 3
    marks = Event.objects.filter(stream=f"user:{ada.pk}", name="chat.room_read").order_by("id")
    assert [msgspec.json.decode(event.data)["number"] for event in marks] == [2, 3]
    for number in (-1, 2**63):
        with pytest.raises(BadNumber):
            services.room_read(user=ada, room=room, number=number, client_id=client_id())


def test_nobody_is_in_more_than_500_rooms(ada: User, bo: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_ROOMS_PER_USER", 2)
    make_room(ada, kind="public")
    room = make_room(ada, bo)
    public = make_room(bo, kind="public")
    with pytest.raises(RoomsLimitReached) as caught:
        services.room_join(user=ada, room=public, client_id=client_id())
    assert caught.value.data == {"max": 2}
    with pytest.raises(RoomsLimitReached):
        services.room_create(user=ada, kind="private", name="x", topic="", client_id=client_id())
    with pytest.raises(RoomsLimitReached):
        make_direct(make_user("dee"), ada)
    assert Room.objects.get(pk=room).member_count == 2


@pytest.mark.parametrize("bad", ["", "x" * 65, "é", "two words", "a\nb"])
def test_a_bad_client_id_is_refused_before_anything_is_written(ada: User, bad: str) -> None:
    with pytest.raises(Invalid) as caught:
        services.room_create(user=ada, kind="private", name="x", topic="", client_id=bad)
    assert caught.value.wire_code == "bad_client_id"
    assert not Room.objects.exists()


def test_a_stream_is_readable_by_members_and_odd_keys_by_nobody(
    ada: User, bo: User, django_assert_num_queries: Any
) -> None:
    rooms = [str(make_room(ada)) for _ in range(3)]
    foreign = str(make_room(bo))
    odd = {"", "0", "-1", "1 OR 1=1", "²", "9" * 30, f"0{rooms[0]}", "x"}
    with django_assert_num_queries(1):
        assert readable_rooms(ada, {*rooms, foreign, *odd}) == set(rooms)


def test_a_room_that_one_is_put_out_of_while_reading_it_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bo = make_user(), make_user()
    room = make_room(ada, bo)
    found = services.room_for_reading

    def then_put_out(user_id: int, room_id: int) -> Member:
        member = found(user_id, room_id)
        Member.objects.filter(pk=member.pk).delete()
        return member

    monkeypatch.setattr(services, "room_for_reading", then_put_out)
    with pytest.raises(RoomNotFound):
        services.room_read(user=bo, room=room, number=0, client_id=client_id())
