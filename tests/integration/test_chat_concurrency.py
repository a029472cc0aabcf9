"""Many people at once in the same rooms: numbers without holes, counts that are right, and nothing deadlocks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from random import Random
from typing import Any

import pytest
from django.db import connections

from accounts.models import User
from chat import sending, services
from chat.models import Member, Message, Room
from chat.payloads import Sent
from chat.sending import Send, message_send_many
from realtime import RealtimeError
from realtime.log.models import Event
from tests.integration.test_chat_golden import comparable, followed, snapshot
from tests.support.people import client_id, make_room, make_user

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 4


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Runs the jobs in threads of their own, each with its own connection; their results in order."""

    def run(job: Callable[[], Any]) -> Any:
        try:
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(jobs)) as pool:
        return [future.result(timeout=50) for future in [pool.submit(run, job) for job in jobs]]


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
                lambda user=user, message=message: services.message_edit(
                    user=user, message=message, text=client_id(), client_id=client_id()
                ),
                lambda user=user, message=message: services.message_delete(
                    user=user, message=message, client_id=client_id()
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

    together(*[lambda n=n: anything(seed * 100 + n, people, rooms) for n in range(WORKERS)])

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


def test_the_same_send_from_many_processes_is_one_message() -> None:
    ada = make_user()
    room = make_room(ada)
    sends = [Send(ada, room, f"text {n}", f"id{n}") for n in range(10)]
    answers = together(*[lambda: message_send_many(sends)] * WORKERS)
    assert Message.objects.count() == 10
    for outcomes in zip(*answers, strict=True):
        assert len({(one.message, one.number, one.seq) for one in outcomes}) == 1
        assert sorted(one.duplicate for one in outcomes) == [False] + [True] * (WORKERS - 1)


def test_both_opening_their_direct_room_at_once_get_the_same_one() -> None:
    ada, bo = make_user(), make_user()
    opened = together(
        lambda: services.direct_open(user=ada, other=bo.pk, client_id=client_id()),
        lambda: services.direct_open(user=bo, other=ada.pk, client_id=client_id()),
    )
    assert opened[0].room.id == opened[1].room.id
    assert Member.objects.count() == 2


def test_the_same_command_twice_at_once_runs_once() -> None:
    ada = make_user()
    opened = together(
        *[lambda: services.room_create(user=ada, kind="private", name="x", topic="", client_id="same")] * 3
    )
    assert len({one.room.id for one in opened}) == 1
    assert Room.objects.count() == 1


def test_who_leaves_and_returns_during_their_own_send_has_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bo = make_user(), make_user()
    room = make_room(ada, bo, kind="public")
    original = sending._ask_for_memberships
    moves: list[Future[Any]] = []

    def move(change: Callable[..., Any], *, until: Callable[[], bool]) -> None:
        """Begins a change and goes on once it is done, or clearly waits for the send."""
        moves.append(pool.submit(together, lambda: change(user=bo, room=room, client_id=client_id())))
        for _ in range(20):
            if until():
                return
            wait(moves, timeout=0.02)

    def while_the_send_has_read_them(sends: Any) -> Any:
        members = list(original(sends))
        me = Member.objects.filter(room=room, user=bo)
        move(services.room_leave, until=lambda: not me.exists())
        move(services.room_join, until=me.exists)
        return members

    monkeypatch.setattr(sending, "_ask_for_memberships", while_the_send_has_read_them)
    with ThreadPoolExecutor(max_workers=2) as pool:
        (sent,) = message_send_many([Send(bo, room, "I am off", client_id())])
    assert all(future.result() for future in moves)
    assert isinstance(sent, Sent)
    if Member.objects.filter(room=room, user=bo).exists():
        assert Member.objects.get(room=room, user=bo).read_number == sent.number
