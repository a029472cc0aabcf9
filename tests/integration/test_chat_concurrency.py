"""Many people at once in the same rooms: numbers without holes, counts that are right, and nothing deadlocks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from random import Random
from typing import Any

import pytest

from accounts.models import User
from chat import amending, sending, services
from chat.models import Member, Message, Room, Thread, ThreadReader
from chat.payloads import Sent
from chat.sending import Send, message_send, message_send_many
from chat.threads import services as threads
from realtime import RealtimeError
from realtime.log.models import Event
from tests.integration.test_chat_golden import comparable, followed, snapshot
from tests.support import marks_cases
from tests.support.people import client_id, make_room, make_user
from tests.support.together import all_together, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chance]

WORKERS = 4


def attempt(work: Callable[[], Any]) -> None:
    """Expected errors are part of the game: kicked people try to speak."""
    try:
        work()
    except RealtimeError:
        return


def anything(seed: int, people: list[User], rooms: list[int]) -> None:
    """A reproducible mix of everything that people do."""
    random = Random(seed)
    for _ in range(25):
        user, other, room = random.choice(people), random.choice(people), random.choice(rooms)
        message = random.randrange(1, 60)
        work = random.choice(
            [
                lambda user=user, room=room: services.room_join(user=user, room=room, client_id=client_id()),
                lambda user=user, room=room: services.room_leave(user=user, room=room, client_id=client_id()),
                lambda user=user, room=room, other=other: services.room_kick(
                    user=user, room=room, kicked=other.pk, client_id=client_id()
                ),
                lambda user=user, room=room: services.room_read(
                    user=user, room=room, number=random.randrange(30), client_id=client_id()
                ),
                lambda user=user, message=message: amending.message_edit(
                    user=user, message=message, text=client_id(), client_id=client_id()
                ),
                lambda user=user, message=message: amending.message_delete(
                    user=user, message=message, client_id=client_id()
                ),
                lambda user=user, room=room, message=message: marks_cases.anything(
                    random, user, room, message
                ),
                lambda user=user, room=room, message=message: marks_cases.anything(
                    random, user, room, message
                ),
                lambda: message_send_many(
                    [Send(random.choice(people), random.choice(rooms), "hi", client_id()) for _ in range(6)]
                ),
                lambda: message_send_many(
                    [Send(random.choice(people), random.choice(rooms), "hi", client_id()) for _ in range(6)]
                ),
            ]
        )
        attempt(work)


@pytest.mark.parametrize("seed", [1, 2])
def test_any_mix_of_actions_leaves_what_its_events_say(seed: int) -> None:
    people = [make_user() for _ in range(5)]
    rooms = [make_room(people[n], kind="public") for n in range(3)]
    before = {user.pk: snapshot(user) for user in people}

    all_together([lambda n=n: anything(seed * 100 + n, people, rooms) for n in range(WORKERS)])

    for room in Room.objects.all():
        numbers = list(room.messages.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, room.last_number + 1))
        assert room.member_count == room.members.count()
        seqs = list(Event.objects.filter(stream=room.stream).order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, len(seqs) + 1))
        created = Message.objects.filter(room=room).order_by("seq").values_list("number", flat=True)
        assert list(created) == numbers
        assert not room.members.filter(read_number__gt=room.last_number).exists()
    assert not Event.objects.filter(seq=None).exists()
    for user in people:
        assert comparable(followed(before[user.pk])) == comparable(snapshot(user))


def replying(seed: int, people: list[User], room: int, roots: list[int]) -> None:
    """A reproducible mix of everything that people do with threads."""
    random = Random(seed)
    for _ in range(20):
        user, root = random.choice(people), random.choice(roots)
        message = random.randrange(1, 80)
        named = random.choice(people).username
        attempt(
            random.choice(
                [
                    lambda user=user, root=root, named=named: message_send_many(
                        [
                            Send(user, room, f"@{named}", client_id(), thread=root),
                            Send(user, room, "shown", client_id(), thread=root, also_in_room=True),
                            Send(user, room, "said", client_id(), quote=root),
                        ]
                    ),
                    lambda user=user, root=root: message_send_many(
                        [Send(user, room, "hi", client_id(), thread=root)]
                    ),
                    lambda message=message: amending.message_delete(
                        user=people[0], message=message, client_id=client_id()
                    ),
                    lambda message=message: amending.message_restore(
                        user=people[0], message=message, client_id=client_id()
                    ),
                    lambda user=user, message=message, named=named: amending.message_edit(
                        user=user, message=message, text=f"@{named} {client_id()}", client_id=client_id()
                    ),
                    lambda user=user, root=root: threads.thread_unfollow(
                        user=user, thread=root, client_id=client_id()
                    ),
                    lambda user=user, root=root: threads.thread_follow(
                        user=user, thread=root, client_id=client_id()
                    ),
                    lambda user=user, root=root, message=message: threads.thread_read(
                        user=user, thread=root, number=message, client_id=client_id()
                    ),
                    lambda user=user, message=message: services.room_read(
                        user=user, room=room, number=message, client_id=client_id()
                    ),
                ]
            )
        )


@pytest.mark.parametrize("seed", [1, 2])
def test_any_mix_of_replies_leaves_what_its_events_say(seed: int) -> None:
    people = [make_user() for _ in range(4)]
    room = make_room(*people)
    roots = [
        message_send(author=person, room=room, text="root", client_id=client_id()).message
        for person in people[:2]
    ]
    before = {user.pk: snapshot(user) for user in people}

    all_together([lambda n=n: replying(seed * 100 + n, people, room, roots) for n in range(WORKERS)])

    hidden = 0
    for message in Message.objects.filter(room=room).order_by("number"):
        hidden += message.only_in_thread is not None
        assert message.hidden == hidden
    assert Room.objects.get(pk=room).hidden_count == hidden
    for thread in Thread.objects.all():
        assert thread.reply_count == thread.replies.filter(deleted_at=None).count()
    for user in people:
        assert comparable(followed(before[user.pk])) == comparable(snapshot(user))


def test_the_first_replies_of_several_at_once_begin_one_thread() -> None:
    people = [make_user() for _ in range(WORKERS)]
    room = make_room(*people)
    root = message_send(author=people[0], room=room, text="root", client_id=client_id()).message
    reply = partial(message_send, room=room, text="me", thread=root)
    all_together(
        [
            *[lambda user=user: reply(author=user, client_id=client_id()) for user in people],
            lambda: threads.thread_follow(user=people[1], thread=root, client_id=client_id()),
        ]
    )
    thread = Thread.objects.get()
    assert (thread.reply_count, len(thread.participants.split(","))) == (WORKERS, 3)
    assert ThreadReader.objects.filter(thread=thread, following=True).count() == WORKERS


def test_the_same_send_from_many_processes_is_one_message() -> None:
    ada = make_user()
    room = make_room(ada)
    sends = [Send(ada, room, f"text {n}", f"id{n}") for n in range(10)]
    answers = together(WORKERS, lambda: message_send_many(sends))
    assert Message.objects.count() == 10
    for outcomes in zip(*answers, strict=True):
        assert len({(one.message, one.number, one.seq) for one in outcomes}) == 1
        assert sorted(one.duplicate for one in outcomes) == [False] + [True] * (WORKERS - 1)


def test_both_opening_their_direct_room_at_once_get_the_same_one() -> None:
    ada, bo = make_user(), make_user()
    opened = all_together(
        [
            lambda: services.direct_open(user=ada, others=[bo.pk], client_id=client_id()),
            lambda: services.direct_open(user=bo, others=[ada.pk], client_id=client_id()),
        ]
    )
    assert opened[0].room.id == opened[1].room.id
    assert Member.objects.count() == 2


def test_all_of_several_people_who_write_to_each_other_at_once_get_the_same_room() -> None:
    people = [make_user() for _ in range(4)]
    ids = {user.pk for user in people}
    opened = all_together(
        [
            lambda user=user: services.direct_open(user=user, others=ids - {user.pk}, client_id=client_id())
            for user in people
        ]
    )
    assert len({one.room.id for one in opened}) == 1
    assert all({person.id for person in one.room.members} == ids for one in opened)
    assert (Room.objects.count(), Member.objects.count()) == (1, 4)


def test_the_same_command_twice_at_once_runs_once() -> None:
    ada = make_user()
    opened = together(
        3, lambda: services.room_create(user=ada, kind="private", name="x", topic="", client_id="same")
    )
    assert len({one.room.id for one in opened}) == 1
    assert Room.objects.count() == 1


def test_who_leaves_and_returns_during_their_own_send_has_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bo = make_user(), make_user()
    room = make_room(ada, bo, kind="public")
    ask = sending._ask
    moves: list[Future[Any]] = []

    def move(change: Callable[..., Any], *, until: Callable[[], bool]) -> None:
        """Begins a change and goes on once it is done, or clearly waits for the send."""
        moves.append(pool.submit(together, 1, lambda: change(user=bo, room=room, client_id=client_id())))
        for _ in range(20):
            if until():
                return
            wait(moves, timeout=0.02)

    def while_the_send_has_read_them(*question: Any) -> sending._Answers:
        answers = ask(*question)
        assert list(answers.memberships)
        me = Member.objects.filter(room=room, user=bo)
        move(services.room_leave, until=lambda: not me.exists())
        move(services.room_join, until=me.exists)
        return answers

    monkeypatch.setattr(sending, "_ask", while_the_send_has_read_them)
    with ThreadPoolExecutor(max_workers=2) as pool:
        (sent,) = message_send_many([Send(bo, room, "I am off", client_id())])
    assert all(future.result() for future in moves)
    assert isinstance(sent, Sent)
    if Member.objects.filter(room=room, user=bo).exists():
        assert Member.objects.get(room=room, user=bo).read_number == sent.number
