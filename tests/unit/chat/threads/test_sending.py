"""What a batch stores and tells of replies and quotes, and what that costs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat import amending, services
from chat.errors import MessageNotFound
from chat.models import Member, Mention, Message, Room, Thread, ThreadReader
from chat.selectors import rooms_of
from chat.sending import Send, message_send, message_send_many
from chat.threads.services import thread_unfollow
from tests.support.notices import published
from tests.support.people import client_id, make_direct, make_room

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room(ada: User, bo: User, cy: User) -> int:
    return make_room(ada, bo, cy)


def say(author: User, room: int, text: str = "hi", **more: Any) -> int:
    return message_send(author=author, room=room, text=text, client_id=client_id(), **more).message


def followers(root: int) -> dict[str, int]:
    """Who follows, and up to where they have read."""
    readers = ThreadReader.objects.filter(thread_id=root, following=True)
    return dict(readers.values_list("user__username", "read_number"))


def changes(room: int) -> list[tuple[int, int, list[str], int]]:
    return [
        (
            event["number"],
            event["thread"]["replies"],
            [person["username"] for person in event["thread"]["participants"]],
            event["thread"]["version"],
        )
        for event in published(f"room:{room}", "chat.thread_changed")
    ]


def test_a_reply_is_a_message_of_the_room_with_a_root_and_tells_of_the_thread(
    ada: User, bo: User, room: int
) -> None:
    root = say(ada, room, "root")
    reply = say(bo, room, "reply", thread=root)
    again = say(ada, room, "to the reply", thread=reply)
    assert list(Message.objects.order_by("number").values_list("number", "root_id", "hidden")) == [
        (1, None, 0),
        (2, root, 1),
        (3, root, 2),
    ]
    created = [event["message"] for event in published(f"room:{room}", "chat.message_created")]
    assert [(one["root"], one["also_in_room"], one["hidden"]) for one in created] == [
        (None, False, 0),
        (root, False, 1),
        (root, False, 2),
    ]
    assert changes(room) == [(1, 1, ["bo"], 1), (1, 2, ["ada", "bo"], 2)]
    thread = Thread.objects.get()
    assert (thread.reply_count, thread.last_number, thread.number) == (2, 3, 1)
    assert Message.objects.get(pk=again).root_id == root


def test_the_last_three_to_reply_are_named_the_latest_first(ada: User, bo: User, cy: User, room: int) -> None:
    root = say(ada, room)
    dee = User.objects.create_user("dee")
    services.room_invite(user=ada, room=room, invited=dee.pk, client_id=client_id())
    for author in (bo, cy, bo, dee, ada):
        say(author, room, thread=root)
    assert changes(room)[-1] == (1, 5, ["ada", "dee", "bo"], 5)


def test_several_replies_of_a_batch_tell_of_their_thread_once(ada: User, bo: User, room: int) -> None:
    root = say(ada, room)
    message_send_many([Send(bo, room, f"{n}", client_id(), thread=root) for n in range(4)])
    assert changes(room) == [(1, 4, ["bo"], 1)]


def test_who_wrote_the_root_who_replies_and_who_is_named_follow(
    ada: User, bo: User, cy: User, room: int
) -> None:
    root = say(ada, room, "root")
    assert not Thread.objects.exists()
    say(bo, room, "first", thread=root)
    assert followers(root) == {"ada": 1, "bo": 2}
    say(bo, room, "@cy @room", thread=root)
    assert followers(root) == {"ada": 1, "bo": 3, "cy": 2}
    (told,) = published(f"user:{cy.pk}", "chat.thread_followed")
    assert told["thread"] == {
        "root": root,
        "room": room,
        "number": 1,
        "read_number": 2,
        "unread": [3],
        "mentioned": [3],
    }
    assert len(published(f"user:{bo.pk}", "chat.thread_followed")) == 1


def test_whom_the_root_names_follows_from_the_first_reply_if_still_in_the_room(
    ada: User, bo: User, cy: User, room: int
) -> None:
    root = say(ada, room, "@bo @cy: look")
    services.room_kick(user=ada, room=room, kicked=cy.pk, client_id=client_id())
    say(ada, room, "at this", thread=root)
    assert followers(root) == {"ada": 2, "bo": 1}


def test_in_a_direct_conversation_everybody_follows(ada: User, bo: User, cy: User) -> None:
    direct = make_direct(ada, bo, cy)
    root = say(ada, direct)
    say(ada, direct, thread=root)
    assert followers(root) == {"ada": 2, "bo": 1, "cy": 1}


def test_who_stopped_following_does_again_by_replying_or_being_named(
    ada: User, bo: User, cy: User, room: int
) -> None:
    root = say(ada, room)
    say(bo, room, thread=root)
    for user in (ada, bo):
        thread_unfollow(user=user, thread=root, client_id=client_id())
    say(cy, room, thread=root)
    assert followers(root) == {"cy": 3}
    say(bo, room, "@ada", thread=root)
    assert followers(root) == {"ada": 3, "bo": 4, "cy": 3}
    assert published(f"user:{ada.pk}", "chat.thread_followed")[-1]["thread"]["unread"] == [4]


def test_a_reply_leaves_the_room_read_and_unread_as_it_was(ada: User, bo: User, room: int) -> None:
    root = say(ada, room)
    say(bo, room, "@ada", thread=root)
    say(ada, room, "mine", thread=root)
    for user, unread in ((ada, 0), (bo, 1)):
        (seen,) = rooms_of(user.pk, [room])
        assert seen.last_number - seen.hidden - (seen.read_number - seen.read_hidden) == unread
        assert (seen.last_number, seen.hidden, seen.mentioned) == (3, 2, [])
        assert seen.last_message is not None
        assert (seen.last_message.number, seen.last_message.thread.replies) == (1, 2)  # type: ignore[union-attr]
    assert Member.objects.get(room=room, user=bo).read_number == 0
    assert Mention.objects.get().thread_id == root


def test_a_reply_that_the_room_shows_too_is_read_and_counted_there(ada: User, bo: User, room: int) -> None:
    root = say(ada, room)
    say(bo, room, "hidden", thread=root)
    shown = say(bo, room, "@ada", thread=root, also_in_room=True)
    say(bo, room, "hidden too", thread=root)
    (seen,) = rooms_of(ada.pk, [room])
    assert seen.last_message is not None
    assert (seen.last_message.id, seen.mentioned) == (shown, [3])
    assert seen.last_number - seen.hidden - (seen.read_number - seen.read_hidden) == 1
    assert Member.objects.get(room=room, user=bo).read_number == 3
    found = Room.objects.get(pk=room)
    assert (found.hidden_count, found.hidden_number, found.shown_number) == (2, 4, 3)


def test_one_batch_keeps_count_of_what_is_shown(ada: User, room: int) -> None:
    root = say(ada, room)
    sends = [
        Send(ada, room, "hidden", client_id(), thread=root),
        Send(ada, room, "shown", client_id()),
        Send(ada, room, "hidden", client_id(), thread=root),
        Send(ada, room, "hidden", client_id(), thread=root),
    ]
    message_send_many(sends)
    assert list(Message.objects.order_by("number").values_list("hidden", flat=True)) == [0, 1, 1, 2, 3]
    found = Room.objects.get(pk=room)
    assert (found.hidden_count, found.hidden_number, found.shown_number) == (3, 5, 3)
    say(ada, room, "shown")
    (seen,) = rooms_of(ada.pk, [room])
    assert seen.last_message is not None
    assert (seen.last_message.number, seen.read_number, seen.read_hidden) == (6, 6, 3)


def test_a_quote_says_who_wrote_what(ada: User, bo: User, room: int) -> None:
    quoted = say(ada, room, "x" * 400)
    say(bo, room, "look", quote=quoted)
    message = published(f"room:{room}", "chat.message_created")[-1]["message"]
    assert message["quote"] == {
        "id": quoted,
        "number": 1,
        "author": {"id": ada.pk, "username": "ada", "display_name": "ada", "bot": False},
        "text": "x" * 300,
        "deleted": False,
    }
    amending.message_delete(user=ada, message=quoted, client_id=client_id())
    say(bo, room, "and again", quote=quoted)
    message = published(f"room:{room}", "chat.message_created")[-1]["message"]
    assert (message["quote"]["text"], message["quote"]["deleted"]) == ("", True)


@pytest.mark.parametrize("link", ["quote", "thread"])
def test_a_message_of_another_room_and_one_that_is_not_there_are_not_found(
    ada: User, bo: User, room: int, link: str
) -> None:
    mine, others = say(ada, make_room(ada)), say(bo, make_room(bo))
    for target in (mine, others, 999_999, 0, -1, 2**63):
        with pytest.raises(MessageNotFound):
            say(ada, room, **{link: target})
    assert not Message.objects.filter(room=room).exists()


def test_again_is_the_first_reply(ada: User, room: int) -> None:
    root = say(ada, room)
    first, again = (
        message_send(author=ada, room=room, text="me", client_id="same", thread=root) for _ in range(2)
    )
    assert (first.message, again.duplicate) == (again.message, True)
    assert Thread.objects.get().reply_count == 1


def test_a_thread_whose_root_was_deleted_goes_on(ada: User, bo: User, room: int) -> None:
    root = say(ada, room)
    say(bo, room, thread=root)
    amending.message_delete(user=ada, message=root, client_id=client_id())
    say(bo, room, thread=root)
    assert changes(room)[-1][:2] == (1, 2)


def statements(sends: list[Send]) -> int:
    with CaptureQueriesContext(connection) as captured:
        message_send_many(sends)
    return sum(one["sql"].startswith(("SELECT", "INSERT", "UPDATE")) for one in captured)


def test_replies_and_quotes_cost_the_same_statements_whatever_their_number(
    ada: User, bo: User, room: int
) -> None:
    roots = [say(ada, room) for _ in range(5)]
    message_send_many(
        [Send(user, room, "first", client_id(), thread=root) for root in roots for user in (ada, bo)]
    )

    def sends(count: int, **more: Any) -> list[Send]:
        return [
            Send((ada, bo)[n % 2], room, "text", client_id(), **{key: roots[n % 5] for key in more})
            for n in range(count)
        ]

    assert statements(sends(1)) == statements(sends(50)) == 11
    assert statements(sends(1, quote=1)) == statements(sends(50, quote=1)) == 13
    assert statements(sends(1, thread=1)) == statements(sends(50, thread=1)) == 18
