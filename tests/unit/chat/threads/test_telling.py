"""Who is notified of a reply, and what becomes of it when it is read, edited or deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from chat import amending, sending, services, telling
from chat.models import Untold
from chat.threads import services as threads
from chat.threads.notification_types import REPLY
from chat.threads.services import thread_follow, thread_read, thread_unfollow
from notifications import upkeep
from notifications.preferences.services import preference_scope
from notifications.selectors import inbox_page, unread_count
from notifications.types import known_type
from tests.support.elsewhere import elsewhere
from tests.support.people import client_id, make_direct, make_room, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def at_once(settings: Any) -> None:
    settings.CHAT = {"tell_after_s": 0}


@pytest.fixture
def ada() -> User:
    return make_user("ada", display_name="Ada")


@pytest.fixture
def bo() -> User:
    return make_user("bo", display_name="Bo")


@pytest.fixture
def cy() -> User:
    return make_user("cy", display_name="Cy")


def say(author: User, room: int, text: str = "hi", **more: Any) -> int:
    return sending.message_send(author=author, room=room, text=text, client_id=client_id(), **more).message


def tell() -> None:
    assert telling.anything_due()
    upkeep.keep_up()
    assert not Untold.objects.exists()


def titles(user: User) -> list[str]:
    return [item.title for item in inbox_page(user).items]


def test_followers_are_told_of_a_reply_with_a_link_into_the_thread(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo, cy, name="Tea")
    root = say(ada, room, "kettle?")
    say(bo, room, "  on\n it ", thread=root)
    tell()
    (item,) = inbox_page(ada).items
    assert (item.title, item.text) == ("Bo replied in a thread in Tea", "on it")
    assert item.link == f"/#/room/{room}/thread/{root}/2"
    assert titles(bo) == titles(cy) == []


def test_several_replies_in_a_thread_are_one_line(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo, cy, name="Tea")
    roots = [say(ada, room), say(ada, room)]
    for author, root in ((bo, 0), (cy, 0), (bo, 0), (bo, 1)):
        say(author, room, thread=roots[root])
    tell()
    assert titles(ada) == ["Bo replied in a thread in Tea", "Bo and 1 other replied in a thread in Tea"]
    assert titles(bo) == []  # who replies after that has read it
    assert titles(cy) == ["Bo replied in a thread in Tea"]


def test_who_is_named_is_told_of_that_alone(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo, cy, name="Tea")
    root = say(ada, room)
    say(bo, room, "@ada @cy", thread=root)
    tell()
    assert titles(ada) == titles(cy) == ["Bo mentioned you in Tea"]
    assert inbox_page(cy).items[0].link == f"/#/room/{room}/thread/{root}/2"
    say(bo, room, "@ada", thread=root, also_in_room=True)
    tell()
    assert inbox_page(ada).items[0].link == f"/#/room/{room}/3"


def test_in_a_direct_conversation_a_reply_is_told_as_one_unless_the_room_shows_it(
    ada: User, bo: User
) -> None:
    direct = make_direct(ada, bo)
    root = say(ada, direct)
    upkeep.keep_up()
    say(ada, direct, "@bo", thread=root)
    tell()
    assert titles(bo) == ["Ada replied in a thread", "Ada wrote to you"]
    say(ada, direct, "both", thread=root, also_in_room=True)
    tell()
    assert titles(bo) == ["Ada wrote to you", "Ada replied in a thread"]
    services.room_read(user=bo, room=direct, number=3, client_id=client_id())
    assert unread_count(bo) == 1
    thread_read(user=bo, thread=root, number=3, client_id=client_id())
    assert unread_count(bo) == 0


def test_who_has_read_stopped_following_or_left_meanwhile_is_not_told(ada: User, bo: User, cy: User) -> None:
    dee, eve = make_user("dee"), make_user("eve")
    room = make_room(ada, bo, cy, dee, eve)
    root = say(ada, room)
    for user in (bo, cy, dee, eve):
        thread_follow(user=user, thread=root, client_id=client_id())
    say(ada, room, thread=root)
    thread_read(user=bo, thread=root, number=2, client_id=client_id())
    thread_unfollow(user=cy, thread=root, client_id=client_id())
    services.room_kick(user=ada, room=room, kicked=dee.pk, client_id=client_id())
    tell()
    assert [len(titles(user)) for user in (bo, cy, dee, eve)] == [0, 0, 0, 1]


def test_reading_the_thread_reads_its_notifications_and_reading_the_room_does_not(
    ada: User, bo: User
) -> None:
    room = make_room(ada, bo)
    root = say(ada, room)
    for text in ("one", "@ada two", "three"):
        say(bo, room, text, thread=root)
    say(bo, room, "@ada in the room")
    tell()
    assert unread_count(ada) == 3
    services.room_read(user=ada, room=room, number=5, client_id=client_id())
    assert unread_count(ada) == 2
    thread_read(user=ada, thread=root, number=3, client_id=client_id())
    assert unread_count(ada) == 2
    thread_read(user=ada, thread=root, number=4, client_id=client_id())
    assert unread_count(ada) == 0


def test_a_mention_in_a_thread_that_was_read_without_following_is_not_told(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    root = say(ada, room)
    say(ada, room, "@room", thread=root)
    thread_read(user=bo, thread=root, number=2, client_id=client_id())
    tell()
    assert titles(bo) == []


def test_an_edit_and_a_deletion_are_honoured(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    root = say(ada, room)
    reply = say(bo, room, "one", thread=root)
    tell()
    amending.message_edit(user=bo, message=reply, text="two", client_id=client_id())
    tell()
    assert [item.text for item in inbox_page(ada).items] == ["two"]
    amending.message_delete(user=bo, message=reply, client_id=client_id())
    assert (titles(ada), unread_count(ada)) == ([], 0)


def test_what_people_chose_for_a_room_holds(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo, cy)
    root = say(ada, room)
    say(cy, room, thread=root)
    thread_follow(user=bo, thread=root, client_id=client_id())
    upkeep.keep_up()
    before = [len(titles(user)) for user in (ada, bo, cy)]
    for user, follow in ((ada, "mentions"), (bo, "nothing")):
        preference_scope(user, scope=f"room:{room}", follow=follow, muted_until=None, client_id=client_id())
    say(make_member(ada, room), room, thread=root)
    tell()
    after = [len(titles(user)) for user in (ada, bo, cy)]
    assert [now - then for now, then in zip(after, before, strict=True)] == [0, 0, 1]


def make_member(owner: User, room: int) -> User:
    user = make_user()
    services.room_invite(user=owner, room=room, invited=user.pk, client_id=client_id())
    return user


@pytest.mark.skipif(connection.vendor == "sqlite", reason="on SQLite a transaction that writes is alone")
def test_reading_at_the_moment_of_telling_leaves_nothing_unread(
    ada: User, bo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The read mark is set, and not committed, while the worker looks; the reader then waits for its line."""
    room = make_room(ada, bo)
    root = say(ada, room)
    say(bo, room, thread=root)
    marked = threads.notification_read_groups

    def told_meanwhile(*args: Any, **kwargs: Any) -> None:
        elsewhere(telling.tell_some)
        marked(*args, **kwargs)

    monkeypatch.setattr(threads, "notification_read_groups", told_meanwhile)
    thread_read(user=ada, thread=root, number=2, client_id=client_id())
    assert unread_count(ada) == 0


@pytest.mark.parametrize(
    ("language", "one", "grouped", "direct"),
    [
        (
            "en",
            "Ada replied in a thread in Tea",
            "Ada and 2 others replied in a thread in Tea",
            "Ada replied in a thread",
        ),
        (
            "de",
            "Ada hat in einem Thread in Tea geantwortet",
            "Ada und 2 weitere haben in einem Thread in Tea geantwortet",
            "Ada hat in einem Thread geantwortet",
        ),
        ("ar", "رد Ada في سلسلة في Tea", "رد Ada ومعه 2 في سلسلة في Tea", "رد Ada في سلسلة"),
    ],
)
def test_titles_are_in_the_language_of_who_reads_them(
    language: str, one: str, grouped: str, direct: str
) -> None:
    declared = known_type(REPLY)

    def title(room_name: str, others: int = 0) -> str:
        data = {"room": 7, "room_name": room_name, "thread": 3, "number": 4, "text": "hi"}
        return declared.words(declared.checked(data), actor="Ada", others=others, language=language).title

    assert (title("Tea"), title("Tea", 2), title("")) == (one, grouped, direct)
