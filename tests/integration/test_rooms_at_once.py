"""Two who take the last use of a link, two devices that move favourites, and a message into a room being archived."""

from __future__ import annotations

import pytest

from chat import sending
from chat.errors import RoomArchived
from chat.invitations.errors import InvitationNotFound
from chat.invitations.services import invitation_accept, invitation_create
from chat.models import Invitation, Member, Message, Room
from chat.rooms.services import favourites_order, room_archive, room_favourite
from realtime.log.models import Event
from tests.support.people import client_id, make_room, make_user
from tests.support.together import all_together

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_last_use_of_a_link_is_taken_once() -> None:
    owner, people = make_user(), [make_user() for _ in range(4)]
    room = make_room(owner)
    link = invitation_create(user=owner, room=room, lifetime_s=None, max_uses=2, client_id=client_id())

    def accept(user: object) -> str:
        try:
            invitation_accept(user=user, token=link.token, client_id=client_id())  # type: ignore[arg-type]
        except InvitationNotFound:
            return "refused"
        return "in"

    outcomes = all_together([lambda user=user: accept(user) for user in people])
    assert sorted(outcomes) == ["in", "in", "refused", "refused"]
    assert Invitation.objects.get().uses == 2
    assert Room.objects.get(pk=room).member_count == Member.objects.filter(room=room).count() == 3


def test_favourites_moved_on_two_devices_keep_different_places() -> None:
    user = make_user()
    rooms = [make_room(user) for _ in range(4)]
    for room in rooms[:2]:
        room_favourite(user=user, room=room, favourite=True, client_id=client_id())
    all_together(
        [
            lambda: favourites_order(user=user, rooms=[rooms[1], rooms[0]], client_id=client_id()),
            lambda: room_favourite(user=user, room=rooms[2], favourite=True, client_id=client_id()),
            lambda: room_favourite(user=user, room=rooms[3], favourite=True, client_id=client_id()),
        ]
    )
    positions = dict(Member.objects.filter(user=user).values_list("room", "favourite_position"))
    assert sorted(positions.values()) == [1, 2, 3, 4]
    assert positions[rooms[1]] < positions[rooms[0]]
    last = Event.objects.filter(stream=f"user:{user.pk}", name="chat.favourites_changed").latest("seq")
    assert all(f'"room":{room},"position":{at}' in str(last.data) for room, at in positions.items())


def test_no_message_comes_after_the_event_of_archiving() -> None:
    owner, member = make_user(), make_user()
    room = make_room(owner, member)

    def send() -> int:
        sent = 0
        for n in range(20):
            try:
                sending.message_send(author=member, room=room, text=f"{n}", client_id=client_id())
                sent += 1
            except RoomArchived:
                break
        return sent

    sent, _ = all_together(
        [send, lambda: room_archive(user=owner, room=room, archived=True, client_id=client_id())]
    )
    assert Message.objects.filter(room=room).count() == sent
    names = Event.objects.filter(stream=f"room:{room}").order_by("seq").values_list("name", flat=True)
    assert "chat.message_created" not in [*names][[*names].index("chat.room_changed") :]
