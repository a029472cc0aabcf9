"""Search under a random life of rooms: everybody finds all that they may see at that moment, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random

import pytest
from django.db import connections

from accounts.models import User
from chat import amending, services
from chat.keywords.services import keywords_set
from chat.models import Member, Mention, Message
from chat.rooms.services import room_archive
from chat.search import index
from chat.search.selectors import search
from realtime import RealtimeError
from tests.support.people import client_id, make_direct, make_room, make_user, say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chance]

PEOPLE, ROOMS, ROUNDS, EVENTS = 20, 8, 8, 40
WORDS = ("tea", "cake", "deploy", "Straße")


class World:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.people = [make_user(f"person{n}") for n in range(PEOPLE)]
        self.rooms = [self._room(n) for n in range(ROOMS)]
        one, other, third = self.people[:3]
        self.rooms += [make_direct(one, other), make_direct(one, other, third)]

    def _room(self, number: int) -> int:
        owner, *members = self.random.sample(self.people, self.random.randrange(2, 9))
        kind = self.random.choice(["public", "private"])
        return make_room(owner, *members, kind=kind, name=f"Room {number}")

    def something(self) -> None:
        """Whatever people do; what they may not is refused."""
        random = self.random
        user, other, room = random.choice(self.people), random.choice(self.people), random.choice(self.rooms)
        written = Message.objects.order_by("pk").values_list("pk", "author_id")
        message, author_id = random.choice([(0, user.pk), *written])
        author = random.choice([user, *(one for one in self.people if one.pk == author_id)])
        words = " ".join(random.sample(WORDS, random.randrange(1, 4)))
        steps: list[Callable[[], object]] = [
            *[lambda: say(user, room, f"{words} {random.random()}")] * 5,
            lambda: services.room_join(user=user, room=room, client_id=client_id()),
            lambda: services.room_leave(user=user, room=room, client_id=client_id()),
            lambda: services.room_kick(user=user, room=room, kicked=other.pk, client_id=client_id()),
            lambda: services.room_invite(user=user, room=room, invited=other.pk, client_id=client_id()),
            lambda: amending.message_edit(
                user=author, message=message, text=f"edited {words}", client_id=client_id()
            ),
            lambda: amending.message_delete(user=author, message=message, client_id=client_id()),
            lambda: amending.message_restore(user=author, message=message, client_id=client_id()),
            lambda: room_archive(user=user, room=room, archived=random.random() < 0.3, client_id=client_id()),
            lambda: services.room_change(
                user=user,
                room=room,
                name=None,
                topic=None,
                kind=random.choice(["public", "private"]),
                client_id=client_id(),
            ),
            index.index_some,
        ]
        try:
            random.choice(steps)()
        except RealtimeError:
            return


def found(user: User, query: str, order: str) -> list[int]:
    ids: list[int] = []
    cursor = None
    while True:
        page = search(user.pk, query, order=order, limit=50, cursor=cursor)
        assert page.up_to_date
        ids += [one.message.id for one in page.items]
        cursor = page.next
        if cursor is None:
            return ids


def visible(user: User, word: str) -> set[int]:
    mine = Member.objects.filter(user=user).values("room")
    messages = Message.objects.filter(room__in=mine, deleted_at=None)
    return {one.pk for one in messages if word.casefold() in one.text.casefold().split()}


@pytest.mark.parametrize("seed", [1, 2])
def test_everybody_finds_what_they_may_see_and_nothing_else(seed: int) -> None:
    world = World(seed)
    for _ in range(ROUNDS):
        for _ in range(EVENTS):
            world.something()
        for user in world.people:
            word = world.random.choice(WORDS)
            for order in ("newest", "relevance"):
                ids = found(user, word, order)
                assert len(ids) == len(set(ids))
                assert set(ids) == visible(user, word)
    assert Message.objects.exclude(deleted_at=None).exists()
    assert Message.objects.exclude(edited_at=None).exists()


def test_workers_index_while_people_write_edit_and_delete() -> None:
    """What is in the index in the end is what the messages say, and so is who hears of them."""
    ada, bo = make_user("ada"), make_user("bo")
    rooms = [make_room(ada, bo) for _ in range(4)]
    keywords_set(user=bo, words=["cake"], client_id=client_id())
    stop = threading.Event()
    failures: list[BaseException] = []

    def guarded(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    def indexes() -> None:
        while not stop.is_set():
            if not index.index_some():
                # As between ticks: SQLite lets one write at a time, whoever asks at the right moment.
                stop.wait(0.01)

    def writes(room: int) -> None:
        for n in range(15):
            (message,) = say(ada, room, f"tea {n}")
            if n % 3 == 0:
                amending.message_edit(user=ada, message=message, text=f"cake {n}", client_id=client_id())
            if n % 5 == 0:
                amending.message_delete(user=ada, message=message, client_id=client_id())

    workers = [threading.Thread(target=guarded, args=(indexes,)) for _ in range(2)]
    writers = [threading.Thread(target=guarded, args=(lambda room=room: writes(room),)) for room in rooms]
    for thread in (*workers, *writers):
        thread.start()
    for thread in writers:
        thread.join(60)
    stop.set()
    for thread in workers:
        thread.join(60)
    assert failures == []
    while index.index_some():
        pass
    for word in ("tea", "cake"):
        assert set(found(ada, word, "newest")) == visible(ada, word)
        assert visible(ada, word)
    heard = Mention.objects.filter(user=bo, kind=Mention.Kind.WORD)
    assert set(heard.values_list("message", flat=True)) == visible(ada, "cake")
