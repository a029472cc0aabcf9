from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from chat import amending, services
from chat.errors import MessageDeleted, MessageNotFound
from chat.marks.payloads import Reaction
from chat.models import Message
from chat.models import Reaction as ReactionRow
from chat.reactions.errors import BadEmoji, TooManyReactions
from chat.reactions.selectors import reactors_of
from chat.reactions.services import reaction_add, reaction_remove
from chat.selectors import messages_before
from tests.support.notices import published
from tests.support.people import client_id, make_room, make_user, say
from tests.support.together import all_together

pytestmark = pytest.mark.django_db(transaction=True)


def add(user: User, message: int, emoji: str = "👍") -> list[Reaction]:
    return reaction_add(user=user, message=message, emoji=emoji, client_id=client_id()).reactions


def remove(user: User, message: int, emoji: str = "👍") -> list[Reaction]:
    return reaction_remove(user=user, message=message, emoji=emoji, client_id=client_id()).reactions


def seen(user: User, room: int) -> list[Reaction]:
    (message,) = messages_before(user.pk, room, before=None, limit=1).items
    return message.reactions


def test_each_emoji_is_counted_with_who_chose_it_in_the_order_in_which_they_came(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    (message,) = say(ada, room, "hi")
    add(bo, message, "🎉")
    add(ada, message, "👍")
    assert add(bo, message, "👍") == [Reaction("🎉", 1, [bo.pk]), Reaction("👍", 2, [bo.pk, ada.pk])]
    assert add(bo, message, "👍") == seen(bo, room)
    assert seen(ada, room) == [Reaction("🎉", 1, [bo.pk]), Reaction("👍", 2, [ada.pk, bo.pk])]
    assert remove(bo, message, "🎉") == [Reaction("👍", 2, [bo.pk, ada.pk])]
    assert remove(bo, message, "🎉") == remove(bo, message, "😮") == seen(bo, room)
    events = published(f"room:{room}", "chat.reactions_changed")
    assert [(one["reaction"]["emoji"], one["reaction"]["count"], one["added"]) for one in events] == [
        ("🎉", 1, True),
        ("👍", 1, True),
        ("👍", 2, True),
        ("🎉", 0, False),
    ]


def test_repeated_with_its_client_id_it_answers_as_before(ada: User) -> None:
    (message,) = say(ada, make_room(ada), "hi")
    first = reaction_add(user=ada, message=message, emoji="👍", client_id="once")
    remove(ada, message)
    assert reaction_add(user=ada, message=message, emoji="👍", client_id="once") == first
    assert not ReactionRow.objects.exists()


def test_in_a_crowd_the_reader_comes_first_and_the_list_is_a_request_of_its_own(ada: User) -> None:
    crowd = [make_user() for _ in range(7)]
    room = make_room(ada, *crowd)
    (message,) = say(ada, room, "hi")
    for user in crowd:
        add(user, message)
    first = [user.pk for user in crowd[:5]]
    last = crowd[-1]
    assert seen(ada, room) == [Reaction("👍", 7, first)]
    assert seen(last, room) == [Reaction("👍", 7, [last.pk, *first[:4]])]
    assert published(f"room:{room}", "chat.reactions_changed")[-1]["reaction"]["users"] == first
    assert remove(crowd[0], message) == [Reaction("👍", 6, [user.pk for user in crowd[1:6]])]
    listed = reactors_of(ada.pk, message, "👍")
    assert (listed.count, [person.id for person in listed.people]) == (6, [user.pk for user in crowd[1:]])


def test_a_message_has_only_so_many_different_ones(ada: User, bo: User, settings: Any) -> None:
    settings.CHAT = {"max_reactions": 2}
    (message,) = say(ada, make_room(ada, bo), "hi")
    add(ada, message, "👍")
    add(ada, message, "🎉")
    with pytest.raises(TooManyReactions):
        add(bo, message, "😮")
    add(bo, message, "🎉")
    remove(ada, message, "👍")
    add(bo, message, "😮")


def test_only_members_react_and_read_who_did(ada: User, bo: User) -> None:
    (message,) = say(ada, make_room(ada), "hi")
    add(ada, message)
    for target in (message, 999_999, -1, 2**70):
        for attempt in (
            lambda target=target: add(bo, target),
            lambda target=target: remove(bo, target),
            lambda target=target: reactors_of(bo.pk, target, "👍"),
        ):
            with pytest.raises(MessageNotFound):
                attempt()
    with pytest.raises(BadEmoji):
        reactors_of(ada.pk, message, "\x00")


def test_a_deleted_message_shows_none_and_takes_none_until_it_is_back(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    (message,) = say(ada, room, "hi")
    add(bo, message)
    amending.message_delete(user=ada, message=message, client_id=client_id())
    assert seen(bo, room) == reactors_of(bo.pk, message, "👍").people == []
    with pytest.raises(MessageDeleted):
        add(bo, message)
    amending.message_restore(user=ada, message=message, client_id=client_id())
    assert seen(bo, room) == [Reaction("👍", 1, [bo.pk])]


def test_reactions_stay_when_somebody_leaves(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    (message,) = say(ada, room, "hi")
    add(bo, message)
    services.room_leave(user=bo, room=room, client_id=client_id())
    assert seen(ada, room) == [Reaction("👍", 1, [bo.pk])]


def test_many_at_once_are_all_counted(ada: User) -> None:
    people = [make_user() for _ in range(4)]
    room = make_room(ada, *people)
    (message,) = say(ada, room, "hi")

    def busy(user: User) -> None:
        for emoji in ("👍", "🎉", "👍"):
            add(user, message, emoji)
        remove(user, message, "🎉")
        add(user, message, "😮")

    all_together([lambda user=user: busy(user) for user in people])
    sums = {one.emoji: one.count for one in seen(ada, room)}
    assert sums == {"👍": 4, "😮": 4}
    assert ReactionRow.objects.count() == 8
    # The last word about each emoji is the sum.
    events = published(f"room:{room}", "chat.reactions_changed")
    last = {one["reaction"]["emoji"]: one["reaction"]["count"] for one in events}
    assert last == {"👍": 4, "🎉": 0, "😮": 4}
    assert Message.objects.get(pk=message).marks.count('"emoji"') == 2
