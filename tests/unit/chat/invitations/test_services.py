"""Links into rooms: who makes them, whom they let in, and when no longer."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chat import services
from chat.errors import DirectRoomIsFixed, NotRoomOwner, RoomArchived, RoomNotFound
from chat.invitations.errors import (
    BadInvitation,
    InvitationNotFound,
    TooManyGuesses,
    TooManyInvitations,
)
from chat.invitations.payloads import NewInvitation
from chat.invitations.services import (
    invitation_accept,
    invitation_create,
    invitation_look,
    invitation_revoke,
    invitations_of,
)
from chat.models import Invitation, Member
from chat.rooms.services import room_archive
from realtime.log.models import Receipt
from tests.support.people import client_id, make_direct, make_room, make_user

pytestmark = pytest.mark.django_db


def make(user: User, room: int, **more: Any) -> NewInvitation:
    given = {"lifetime_s": None, "max_uses": None, "client_id": client_id()} | more
    return invitation_create(user=user, room=room, **given)


def accept(user: User, token: str) -> int:
    return invitation_accept(user=user, token=token, client_id=client_id()).room.id


def test_whoever_has_the_link_sees_the_room_and_joins_it(ada: User, bo: User) -> None:
    room = make_room(ada, name="Den")
    made = make(ada, room)
    assert made.path == f"/#/join/{made.token}"
    seen = invitation_look(user=bo, token=made.token)
    assert (seen.room, seen.name, seen.kind, seen.member_count, seen.joined) == (
        room,
        "Den",
        "private",
        1,
        False,
    )
    assert accept(bo, made.token) == room
    assert Member.objects.get(user=bo, room=room).role == Member.Role.MEMBER
    assert invitation_look(user=bo, token=made.token).joined
    assert Invitation.objects.get().uses == 1
    accept(bo, made.token)
    assert Invitation.objects.get().uses == 1


def test_the_token_is_kept_nowhere_and_told_again_to_who_repeats(ada: User) -> None:
    room = make_room(ada)
    first = make(ada, room, client_id="c")
    assert make(ada, room, client_id="c") == first
    row = Invitation.objects.get()
    kept = f"{vars(row)} {Receipt.objects.get(client_id='c').result}"
    assert first.token not in kept
    assert len(first.token) >= 43
    assert make(ada, room).token != first.token


def test_owners_make_list_and_revoke_links(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo)
    made = make(ada, room, max_uses=3)
    assert [(one.id, one.max_uses) for one in invitations_of(ada, room)] == [(made.invitation.id, 3)]
    for user, error in ((bo, NotRoomOwner), (cy, RoomNotFound)):
        with pytest.raises(error):
            make(user, room)
        with pytest.raises(error):
            invitations_of(user, room)
    with pytest.raises(NotRoomOwner):
        invitation_revoke(user=bo, invitation=made.invitation.id, client_id=client_id())
    with pytest.raises(InvitationNotFound):
        invitation_revoke(user=cy, invitation=made.invitation.id, client_id=client_id())
    invitation_revoke(user=ada, invitation=made.invitation.id, client_id=client_id())
    assert invitations_of(ada, room) == []
    with pytest.raises(DirectRoomIsFixed):
        make(ada, make_direct(ada, bo))


def test_every_link_that_does_not_work_is_refused_with_the_same_words(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada)
    revoked, expired, used_up, archived = (make(ada, room, max_uses=1) for _ in range(4))
    invitation_revoke(user=ada, invitation=revoked.invitation.id, client_id=client_id())
    Invitation.objects.filter(pk=expired.invitation.id).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    accept(bo, used_up.token)
    said = set()
    for token in (revoked.token, expired.token, used_up.token, "x" * 43, "", "é", "x" * 65):
        for attempt in (
            lambda token=token: invitation_look(user=cy, token=token),
            lambda token=token: accept(cy, token),
        ):
            with pytest.raises(InvitationNotFound) as caught:
                attempt()
            said.add(str(caught.value.as_dict()))
    assert len(said) == 1
    room_archive(user=ada, room=room, archived=True, client_id=client_id())
    with pytest.raises(RoomArchived):
        make(ada, room)
    assert archived.token
    assert not Member.objects.filter(user=cy).exists()


def test_an_archived_room_lets_nobody_in(ada: User, bo: User) -> None:
    room = make_room(ada)
    made = make(ada, room)
    room_archive(user=ada, room=room, archived=True, client_id=client_id())
    with pytest.raises(InvitationNotFound):
        accept(bo, made.token)


@pytest.mark.parametrize(
    "rule", [{"lifetime_s": 299}, {"lifetime_s": 367 * 86400}, {"max_uses": 0}, {"max_uses": 1001}]
)
def test_rules_have_bounds(ada: User, rule: dict[str, int]) -> None:
    with pytest.raises(BadInvitation):
        make(ada, make_room(ada), **rule)


def test_a_room_has_few_links_at_a_time(ada: User, settings: Any) -> None:
    settings.CHAT = {"max_invitations": 1}
    room = make_room(ada)
    made = make(ada, room)
    with pytest.raises(TooManyInvitations):
        make(ada, room)
    invitation_revoke(user=ada, invitation=made.invitation.id, client_id=client_id())
    make(ada, room)


def test_who_guesses_is_stopped_and_others_are_not(ada: User, bo: User) -> None:
    made = make(ada, make_room(ada))
    for n in range(20):
        with pytest.raises(InvitationNotFound):
            invitation_look(user=bo, token=f"guess{n}")
    with pytest.raises(TooManyGuesses) as caught:
        invitation_look(user=bo, token=made.token)
    assert caught.value.retry_after_ms
    assert invitation_look(user=make_user(), token=made.token).name


def test_who_was_kicked_comes_back_by_a_link_that_works(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    made = make(ada, room)
    services.room_kick(user=ada, room=room, kicked=bo.pk, client_id=client_id())
    assert accept(bo, made.token) == room


def test_the_token_is_in_no_log_and_a_stranger_learns_nothing(
    ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    made = make(ada, make_room(ada, name="Den"))
    caplog.set_level(logging.DEBUG)
    answer = Client().post("/api/invitations/look", {"token": made.token}, content_type="application/json")
    assert answer.status_code == 401
    assert b"Den" not in answer.content
    client = Client()
    client.force_login(make_user())
    good = client.post("/api/invitations/look", {"token": made.token}, content_type="application/json")
    assert good.json()["name"] == "Den"
    wrong = client.post("/api/invitations/look", {"token": "wrong-token-1"}, content_type="application/json")
    assert wrong.status_code == 404
    assert made.token not in caplog.text
    assert "wrong-token-1" not in caplog.text
