from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from chat import amending, services
from chat.errors import MessageDeleted, MessageNotFound, RoomNotFound
from chat.models import Mention, Message
from chat.payloads import Message as MessagePayload
from chat.selectors import messages_before
from chat.sending import message_send
from chat.threads.errors import ForwardedIsFixed
from chat.threads.forwarding import message_forward
from tests.support.notices import published
from tests.support.people import client_id, make_room

pytestmark = pytest.mark.django_db(transaction=True)


def say(author: User, room: int, text: str) -> int:
    return message_send(author=author, room=room, text=text, client_id=client_id()).message


def forward(user: User, message: int, room: int, **more: Any) -> int:
    return message_forward(
        user=user, message=message, room=room, **{"client_id": client_id(), **more}
    ).message


def last(user: User, room: int) -> MessagePayload:
    return messages_before(user.pk, room, before=None, limit=1).items[0]


def test_a_forwarded_message_says_whose_words_it_has_and_notifies_nobody_they_name(
    ada: User, bo: User, cy: User
) -> None:
    here, there = make_room(ada, bo), make_room(bo, cy)
    say(ada, here, "before")
    forward(bo, say(ada, here, "@cy and @room: tea"), there)
    seen = last(cy, there)
    assert (seen.author.id, seen.text, seen.mentions) == (bo.pk, "@cy and @room: tea", [])
    assert seen.forwarded is not None
    assert (seen.forwarded.author.id, seen.forwarded.room, seen.forwarded.number) == (ada.pk, here, 2)
    assert not Mention.objects.filter(room=there).exists()
    (event,) = published(f"room:{there}", "chat.message_created")
    assert event["message"]["forwarded"]["author"]["username"] == "ada"


def test_the_words_of_a_forwarded_message_stay_and_stay_its_authors(ada: User, bo: User, cy: User) -> None:
    here, there, beyond = make_room(ada, bo), make_room(bo, cy), make_room(cy)
    source = say(ada, here, "tea")
    copy = forward(bo, source, there)
    amending.message_edit(user=ada, message=source, text="coffee", client_id=client_id())
    amending.message_delete(user=ada, message=source, client_id=client_id())
    assert last(cy, there).text == "tea"
    with pytest.raises(ForwardedIsFixed):
        amending.message_edit(user=bo, message=copy, text="poison", client_id=client_id())
    forward(cy, copy, beyond)
    seen = last(cy, beyond).forwarded
    assert seen is not None
    assert (seen.author.id, seen.room) == (ada.pk, here)
    User.objects.filter(pk=ada.pk).update(display_name="Somebody else")
    again = last(cy, beyond).forwarded
    assert again is not None
    assert again.author.display_name == "Somebody else"


def test_only_what_one_may_read_is_forwarded_and_only_to_where_one_may_write(
    ada: User, bo: User, cy: User
) -> None:
    here, there = make_room(ada, bo), make_room(bo, cy)
    source, gone = say(ada, here, "tea"), say(ada, here, "gone")
    amending.message_delete(user=ada, message=gone, client_id=client_id())
    for message in (source, 999_999, -1, 2**70):
        with pytest.raises(MessageNotFound):
            forward(cy, message, there)
    for room in (there, 999_999, -1):
        with pytest.raises(RoomNotFound):
            forward(ada, source, room)
    with pytest.raises(MessageDeleted):
        forward(bo, gone, there)
    services.room_kick(user=ada, room=here, kicked=bo.pk, client_id=client_id())
    with pytest.raises(MessageNotFound):
        forward(bo, source, there)
    assert not Message.objects.filter(room=there).exists()


def test_again_is_the_first_copy_even_when_the_source_is_gone(ada: User, bo: User) -> None:
    here, there = make_room(ada, bo), make_room(bo)
    source = say(ada, here, "tea")
    first = forward(bo, source, there, client_id="same")
    amending.message_delete(user=ada, message=source, client_id=client_id())
    assert forward(bo, source, there, client_id="same") == first
    assert Message.objects.filter(room=there).count() == 1
