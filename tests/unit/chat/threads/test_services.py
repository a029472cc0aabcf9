"""Following, reading, and the count as replies go and come back."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from chat import amending, services
from chat.errors import BadNumber, MessageNotFound
from chat.models import Thread, ThreadReader
from chat.payloads import Message
from chat.selectors import messages_before
from chat.sending import message_send
from chat.threads.selectors import followed_threads
from chat.threads.services import thread_follow, thread_read, thread_unfollow
from tests.support.notices import published
from tests.support.people import client_id, make_room, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room(ada: User, bo: User, cy: User) -> int:
    return make_room(ada, bo, cy)


def say(author: User, room: int, text: str = "hi", **more: Any) -> int:
    return message_send(author=author, room=room, text=text, client_id=client_id(), **more).message


def read(user: User, thread: int, number: int) -> int:
    return thread_read(user=user, thread=thread, number=number, client_id=client_id()).number


def unread(user: User) -> dict[int, list[int]]:
    return {one.root: one.unread for one in followed_threads(user.pk)}


def first_of(user: User, room: int) -> Message:
    return messages_before(user.pk, room, before=2, limit=1).items[0]


def test_a_thread_is_followed_from_now_on_before_or_after_its_first_reply(
    ada: User, bo: User, cy: User, room: int
) -> None:
    root, other = say(ada, room), say(ada, room)
    thread_follow(user=cy, thread=root, client_id=client_id())
    assert unread(cy) == {root: []}
    reply = say(bo, room, thread=root)
    assert unread(cy) == unread(ada) == {root: [3]}
    say(bo, room, thread=other)
    thread_follow(user=cy, thread=other, client_id=client_id())
    assert unread(cy) == {root: [3], other: []}
    thread_unfollow(user=cy, thread=reply, client_id=client_id())
    say(bo, room, thread=root)
    assert unread(cy) == {other: []}
    names = [event["root"] for event in published(f"user:{cy.pk}", "chat.thread_unfollowed")]
    assert names == [root]


def test_doing_so_twice_says_so_once(cy: User, ada: User, room: int) -> None:
    root = say(ada, room)
    for _ in range(2):
        thread_follow(user=cy, thread=root, client_id=client_id())
    assert len(published(f"user:{cy.pk}", "chat.thread_followed")) == 1
    for _ in range(2):
        thread_unfollow(user=cy, thread=root, client_id=client_id())
    assert len(published(f"user:{cy.pk}", "chat.thread_unfollowed")) == 1


def test_the_read_mark_of_a_thread_only_rises_and_stays_within_it(ada: User, bo: User, room: int) -> None:
    root = say(ada, room)
    for _ in range(3):
        say(bo, room, thread=root)
    say(bo, room)
    assert unread(ada) == {root: [2, 3, 4]}
    assert read(ada, root, 3) == 3
    assert unread(ada) == {root: [4]}
    assert read(ada, root, 2) == 3
    assert read(ada, root, 2**63 - 1) == 4
    assert unread(ada) == {root: []}
    events = published(f"user:{ada.pk}", "chat.thread_read")
    assert [event["number"] for event in events] == [3, 4]
    with pytest.raises(BadNumber):
        read(ada, root, -1)
    assert services.room_read(user=ada, room=room, number=1, client_id=client_id()).number == 1


def test_reading_is_kept_without_following(ada: User, bo: User, cy: User, room: int) -> None:
    root = say(ada, room)
    assert read(cy, root, 5) == 0
    say(bo, room, thread=root)
    assert read(cy, root, 5) == 2
    reader = ThreadReader.objects.get(user=cy)
    assert (reader.following, reader.read_number) == (False, 2)
    assert unread(cy) == {}


def test_threads_of_other_rooms_are_not_found(ada: User, room: int) -> None:
    root, stranger = say(ada, room), make_user()
    for target in (root, 999_999, -1, 2**70):
        for change in (thread_follow, thread_unfollow):
            with pytest.raises(MessageNotFound):
                change(user=stranger, thread=target, client_id=client_id())
        with pytest.raises(MessageNotFound):
            read(stranger, target, 1)
    assert not Thread.objects.exists()


def test_who_was_put_out_has_no_threads_there_and_begins_anew(ada: User, bo: User, room: int) -> None:
    root = say(ada, room)
    say(bo, room, thread=root)
    say(ada, room, "@bo", thread=root)
    assert unread(bo) == {root: [3]}
    services.room_kick(user=ada, room=room, kicked=bo.pk, client_id=client_id())
    assert unread(bo) == {}
    assert not ThreadReader.objects.filter(user=bo).exists()
    say(ada, room, thread=root)
    services.room_invite(user=ada, room=room, invited=bo.pk, client_id=client_id())
    assert unread(bo) == {}


def test_a_deleted_reply_counts_no_longer_and_again_when_it_comes_back(
    ada: User, bo: User, cy: User, room: int
) -> None:
    root = say(ada, room)
    say(bo, room, thread=root)
    last = say(cy, room, thread=root)

    def seen() -> tuple[int, list[str], list[int]]:
        thread = first_of(ada, room).thread
        assert thread is not None
        return thread.replies, [person.username for person in thread.participants], unread(ada)[root]

    before = first_of(ada, room).thread
    assert seen() == (2, ["cy", "bo"], [2, 3])
    amending.message_delete(user=ada, message=last, client_id=client_id())
    assert seen() == (1, ["bo"], [2])
    amending.message_restore(user=ada, message=last, client_id=client_id())
    assert seen() == (2, ["cy", "bo"], [2, 3])
    after = first_of(ada, room).thread
    assert before is not None
    assert after is not None
    assert (after.last_at, after.version) == (before.last_at, before.version + 2)
    for message in (last, last - 1):
        amending.message_delete(user=ada, message=message, client_id=client_id())
    assert seen() == (0, [], [])
    told = published(f"room:{room}", "chat.thread_changed")[-1]["thread"]
    assert (told["replies"], told["last_at"]) == (0, None)


def test_whom_an_edit_names_follows_with_the_reply_to_read(ada: User, bo: User, cy: User, room: int) -> None:
    root = say(ada, room)
    reply = say(bo, room, "x", thread=root)
    say(ada, room, "@room", thread=root)
    amending.message_edit(user=bo, message=reply, text="x, @cy", client_id=client_id())
    (one,) = followed_threads(cy.pk)
    assert (one.unread, one.mentioned, one.read_number) == ([2, 3], [2, 3], 1)
    thread_unfollow(user=cy, thread=root, client_id=client_id())
    amending.message_edit(user=bo, message=reply, text="y, @cy", client_id=client_id())
    assert followed_threads(cy.pk) == []
