from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat import selectors, telling
from chat.models import Block, Member, Mention, Message, Untold
from chat.moderation import blocks
from notifications.models import Notification
from realtime import RealtimeError
from tests.support.people import client_id, make_direct, make_user, say
from tests.support.together import all_together
from tests.unit.chat.moderation.conftest import Club

pytestmark = pytest.mark.django_db


def block(user: User, other: User, *, blocked: bool = True) -> None:
    blocks.person_block(user=user, other=other.pk, blocked=blocked, client_id=client_id())


def tell_all() -> None:
    Untold.objects.update(due_at="2026-01-01T00:00Z")
    while telling.tell_some():
        pass


def mentioned(user: User) -> list[int]:
    (room,) = (one for one in selectors.rooms_of(user.pk) if one.kind != "direct")
    return room.mentioned


def test_blocking_is_kept_once_and_is_ones_own(club: Club) -> None:
    block(club.bo, club.cy)
    block(club.bo, club.cy)
    assert blocks.blocked_by(club.bo.pk) == [club.cy.pk]
    assert blocks.blocked_by(club.cy.pk) == []
    assert [one.username for one in blocks.blocked_people(club.bo.pk)] == ["cy"]
    block(club.bo, club.cy, blocked=False)
    block(club.bo, club.cy, blocked=False)
    assert not Block.objects.exists()


@pytest.mark.parametrize("other", [0, -1, 999_999, 2**70])
def test_only_people_are_blocked(club: Club, other: int) -> None:
    with pytest.raises(RealtimeError) as caught:
        blocks.person_block(user=club.bo, other=other, blocked=True, client_id=client_id())
    assert caught.value.wire_code == "not_found"


def test_nobody_blocks_themselves_or_everybody(club: Club, settings: pytest.FixtureRequest) -> None:
    with pytest.raises(RealtimeError) as caught:
        block(club.bo, club.bo)
    assert caught.value.wire_code == "bad_user"
    settings.CHAT = {"max_blocks": 1}  # type: ignore[attr-defined]
    block(club.bo, club.cy)
    with pytest.raises(RealtimeError) as caught:
        block(club.bo, club.owner)
    assert caught.value.wire_code == "too_many_blocks"


def test_nobody_is_notified_of_or_mentioned_by_whom_they_block(club: Club) -> None:
    block(club.bo, club.cy)
    club.say(club.cy, "@bo and @max, look")
    club.say(club.cy, "@room: look")
    club.say(club.owner, "@bo too")
    tell_all()
    told = list(
        Notification.objects.order_by("recipient__username").values_list("recipient__username", "title")
    )
    assert ("bo", "Ada mentioned you in Club") in told
    assert [title for name, title in told if name == "bo"] == ["Ada mentioned you in Club"]
    assert {name for name, _ in told} == {"bo", "max", "vera"}, "Ada has read on, by writing"
    assert mentioned(club.bo) == [3]
    assert mentioned(club.moderator) == [1, 2]


def test_here_does_not_mean_those_who_block_its_author(club: Club) -> None:
    block(club.bo, club.cy)
    message = Message.objects.get(pk=club.say(club.cy, "@here"))
    telling.mention_some(message, Mention.Kind.HERE, {club.bo.pk, club.owner.pk})
    assert mentioned(club.bo) == []
    assert mentioned(club.owner) == [1]


def test_unread_mentions_come_back_when_the_block_ends(club: Club) -> None:
    club.say(club.cy, "@bo")
    block(club.bo, club.cy)
    assert mentioned(club.bo) == []
    block(club.bo, club.cy, blocked=False)
    assert mentioned(club.bo) == [1]


def test_of_several_people_in_a_direct_conversation_everybody_writes_and_nobody_hears_whom_they_block(
    club: Club,
) -> None:
    room = make_direct(club.bo, club.cy, club.owner)
    block(club.bo, club.cy)
    say(club.cy, room, "hello you two")
    tell_all()
    assert [one.recipient for one in Notification.objects.all()] == [club.owner]


def test_the_list_of_rooms_costs_no_more_with_blocks(club: Club) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            selectors.rooms_of(club.bo.pk)
        return len(captured)

    club.say(club.cy, "@bo")
    before = cost()
    for user in (club.cy, club.owner, club.moderator):
        block(club.bo, user)
    assert cost() == before


@pytest.mark.django_db(transaction=True)
def test_of_a_block_and_an_opening_at_the_same_moment_nobody_writes_afterwards() -> None:
    for attempt in range(5):
        one, other = make_user(f"one{attempt}"), make_user(f"other{attempt}")

        def opened(one: User = one, other: User = other) -> int | None:
            try:
                return make_direct(one, other)
            except RealtimeError:
                return None

        room, _ = all_together([opened, lambda one=one, other=other: block(other, one)])
        barred = set(Member.objects.filter(room_id=room).values_list("barred", flat=True))
        assert room is None or barred == {True}
