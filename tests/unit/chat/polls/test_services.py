from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from chat import amending, services
from chat.errors import MessageNotFound, NotAuthor, RoomNotFound, TooLong
from chat.marks.payloads import PollInfo
from chat.models import Message, Poll, Vote
from chat.polls import ending
from chat.polls.errors import BadPoll, BadPollEnd, BadVote, PollClosed, PollIsAnonymous, PollNotFound
from chat.polls.selectors import voters_of
from chat.polls.services import poll_close, poll_create, poll_vote
from chat.selectors import messages_before
from notifications import upkeep
from tests.support.clock import later
from tests.support.notices import published
from tests.support.people import client_id, make_room, make_user, say
from tests.support.together import all_together, together

pytestmark = pytest.mark.django_db(transaction=True)


def ask(user: User, room: int, **more: Any) -> int:
    poll = {"question": "What?", "options": ["Tea", "Coffee", "Water"], "multiple": False, "anonymous": False}
    return poll_create(
        user=user, room=room, client_id=client_id(), **{**poll, "ends_at": None, **more}
    ).message


def vote(user: User, message: int, *options: int) -> PollInfo:
    return poll_vote(user=user, message=message, options=options, client_id=client_id()).poll


def seen(user: User, room: int) -> PollInfo:
    (message,) = messages_before(user.pk, room, before=None, limit=1).items
    assert message.poll is not None
    return message.poll


def votes(poll: PollInfo) -> list[int]:
    return [option.votes for option in poll.options]


def test_it_is_a_message_from_the_beginning(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    ask(ada, room, question="@bo, what?", options=["Tea", " Coffee\n (black) "])
    (created,) = published(f"room:{room}", "chat.message_created")
    assert created["message"]["text"] == "@bo, what?"
    assert [one["text"] for one in created["message"]["poll"]["options"]] == ["Tea", "Coffee (black)"]
    assert created["message"]["mentions"][0]["user"] == bo.pk
    assert seen(bo, room).options[1].text == "Coffee (black)"


def test_a_vote_replaces_the_one_before_and_is_known_to_its_voter(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    poll = ask(ada, room)
    assert vote(bo, poll, 0).mine == [0]
    voted = vote(bo, poll, 2)
    assert (votes(voted), voted.voters, voted.mine, voted.options[2].users) == ([0, 0, 1], 1, [2], [bo.pk])
    vote(ada, poll, 2)
    assert (votes(seen(ada, room)), seen(ada, room).mine, seen(bo, room).mine) == ([0, 0, 2], [2], [2])
    assert votes(vote(ada, poll)) == [0, 0, 1]
    assert [person.username for person in voters_of(ada.pk, poll, 2).people] == ["bo"]
    assert [one["options"] for one in published(f"user:{ada.pk}", "chat.poll_voted")] == [[2], []]
    assert published(f"room:{room}", "chat.poll_changed")[-1]["poll"]["mine"] == []


def test_several_answers_only_where_the_poll_allows_them(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    single, multiple = ask(ada, room), ask(ada, room, multiple=True)
    for options in ((0, 1), (3,), (-1,), (2**70,)):
        with pytest.raises(BadVote):
            vote(bo, single, *options)
    assert (votes(vote(bo, multiple, 0, 2)), vote(ada, multiple, 2).voters) == ([1, 0, 1], 2)


def test_an_anonymous_one_names_nobody_anywhere(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    poll = ask(ada, room, anonymous=True)
    assert vote(bo, poll, 1).mine == [1]
    assert all(option.users == [] for option in seen(ada, room).options)
    assert all(
        not one["users"] for one in published(f"room:{room}", "chat.poll_changed")[-1]["poll"]["options"]
    )
    assert not published(f"user:{ada.pk}", "chat.poll_voted")
    with pytest.raises(PollIsAnonymous):
        voters_of(ada.pk, poll, 1)


def test_its_author_and_the_rooms_owners_end_it(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo, cy)
    first, second = ask(bo, room), ask(bo, room)
    vote(cy, first, 1)
    with pytest.raises(NotAuthor):
        poll_close(user=cy, message=first, client_id=client_id())
    for user, poll in ((bo, first), (ada, second), (bo, first)):
        assert poll_close(user=user, message=poll, client_id=client_id()).poll.closed
    with pytest.raises(PollClosed):
        vote(cy, first, 0)
    assert voters_of(cy.pk, first, 1).votes == 1
    closed = [one["poll"]["closed"] for one in published(f"room:{room}", "chat.poll_changed")]
    assert closed == [False, True, True]


def test_at_its_end_nobody_votes_and_the_tick_says_so_once(
    ada: User, bo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = make_room(ada, bo)
    poll = ask(ada, room, ends_at=timezone.now() + timedelta(minutes=5))
    ask(ada, room)
    vote(bo, poll, 0)
    assert not ending.anything_due()
    later(monkeypatch, timedelta(minutes=6))
    with pytest.raises(PollClosed):
        vote(bo, poll, 1)
    assert upkeep.anything_due()
    together(2, ending.end_some)
    assert not ending.anything_due()
    told = published(f"room:{room}", "chat.poll_changed")
    assert [one["poll"]["closed"] for one in told] == [False, True]
    assert [option["votes"] for option in told[-1]["poll"]["options"]] == [1, 0, 0]


@pytest.mark.parametrize(
    "options",
    [[], ["one"], [str(n) for n in range(11)], ["a", " A "], ["a", ""], ["a", " \n"], ["a", "x" * 101]],
)
def test_it_has_two_to_ten_different_answers(ada: User, options: list[str]) -> None:
    with pytest.raises(BadPoll):
        ask(ada, make_room(ada), options=options)
    assert not Poll.objects.exists()
    assert not Message.objects.exists()


def test_its_end_is_to_come_and_its_question_a_message(ada: User, bo: User) -> None:
    room = make_room(ada)
    now = timezone.now()
    for end in (now, now + timedelta(days=400), datetime(2100, 1, 1)):
        with pytest.raises(BadPollEnd):
            ask(ada, room, ends_at=end)
    with pytest.raises(TooLong):
        ask(ada, room, question="x" * 4001)
    with pytest.raises(RoomNotFound):
        ask(bo, room)
    assert not Poll.objects.exists()


def test_sent_again_it_is_the_same_one(ada: User) -> None:
    room = make_room(ada)
    options: dict[str, Any] = {"options": ["a", "b"], "multiple": False, "anonymous": False, "ends_at": None}
    first, again = (
        poll_create(user=ada, room=room, question="What?", client_id="once", **options) for _ in range(2)
    )
    assert first.message == again.message
    assert Poll.objects.count() == Message.objects.count() == 1


def test_a_deleted_one_is_gone_until_it_is_back_and_then_for_good(
    ada: User, bo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = make_room(ada, bo)
    poll = ask(ada, room)
    vote(bo, poll, 1)
    amending.message_delete(user=ada, message=poll, client_id=client_id())
    assert messages_before(bo.pk, room, before=None, limit=1).items[0].poll is None
    for attempt in (lambda: vote(bo, poll, 0), lambda: voters_of(bo.pk, poll, 0)):
        with pytest.raises(PollNotFound):
            attempt()
    amending.message_restore(user=ada, message=poll, client_id=client_id())
    assert votes(seen(bo, room)) == [0, 1, 0]
    amending.message_delete(user=ada, message=poll, client_id=client_id())
    later(monkeypatch, timedelta(minutes=1))
    upkeep.keep_up()
    assert not Poll.objects.exists()
    assert not Vote.objects.exists()
    assert Message.objects.get(pk=poll).marks == ""


def test_members_only_and_of_messages_that_are_polls(ada: User, bo: User) -> None:
    room = make_room(ada)
    poll, (plain,) = ask(ada, room), say(ada, room, "hi")
    for attempt in (
        lambda: vote(bo, poll, 0),
        lambda: voters_of(bo.pk, poll, 0),
        lambda: poll_close(user=bo, message=poll, client_id=client_id()),
    ):
        with pytest.raises(MessageNotFound):
            attempt()
    with pytest.raises(PollNotFound):
        vote(ada, plain, 0)


def test_many_at_once_are_all_counted(ada: User) -> None:
    people = [make_user() for _ in range(4)]
    room = make_room(ada, *people)
    poll = ask(ada, room, multiple=True)

    def undecided(user: User, last: int) -> None:
        for options in ((0,), (0, 1), (last,)):
            vote(user, poll, *options)

    all_together([lambda user=user, n=n: undecided(user, n % 3) for n, user in enumerate(people)])
    assert (votes(seen(ada, room)), seen(ada, room).voters) == ([2, 1, 1], 4)
    last = published(f"room:{room}", "chat.poll_changed")[-1]["poll"]
    assert [option["votes"] for option in last["options"]] == [2, 1, 1]
    services.room_leave(user=people[0], room=room, client_id=client_id())
    assert seen(ada, room).voters == 4
