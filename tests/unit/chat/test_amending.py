"""Editing, deleting, and undoing a deletion. What notifications say then is in `test_telling`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from accounts.models import User
from chat import amending, sending
from chat.errors import MessageDeleted, MessageNotFound, NotAuthor, TooLateToUndo
from chat.models import Mention, Message, Revision
from chat.selectors import message_history, rooms_of
from notifications import upkeep
from realtime.log.models import Event
from tests.support.people import client_id, make_room, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def say(author: User, room: int, text: str = "hi") -> int:
    return sending.message_send(author=author, room=room, text=text, client_id=client_id()).message


def delete(user: User, message: int) -> None:
    amending.message_delete(user=user, message=message, client_id=client_id())


def restore(user: User, message: int) -> str:
    return amending.message_restore(user=user, message=message, client_id=client_id()).message.text


def last_event(stream: str) -> tuple[str, Any]:
    event = Event.objects.filter(stream=stream).latest("id")
    return event.name, msgspec.json.decode(event.data)


def test_an_edit_is_the_authors(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    message = say(bo, room)
    with pytest.raises(NotAuthor):
        amending.message_edit(user=ada, message=message, text="mine now", client_id=client_id())
    changed = amending.message_edit(user=bo, message=message, text=" better ", client_id=client_id())
    assert (changed.message.text, changed.message.edited_at is not None) == ("better", True)
    assert last_event(f"room:{room}")[0] == "chat.message_edited"


def test_an_edit_that_changes_nothing_says_nothing(ada: User) -> None:
    room = make_room(ada)
    message = say(ada, room, "same")
    amending.message_edit(user=ada, message=message, text="same", client_id=client_id())
    assert last_event(f"room:{room}")[0] == "chat.message_created"


def test_the_author_and_the_owner_delete_and_a_tombstone_stays(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo, cy)
    first, second = say(bo, room), say(bo, room)
    with pytest.raises(NotAuthor):
        amending.message_delete(user=cy, message=first, client_id=client_id())
    amending.message_delete(user=bo, message=first, client_id=client_id())
    changed = amending.message_delete(user=ada, message=second, client_id=client_id())
    assert (changed.message.deleted, changed.message.text, changed.message.number) == (True, "", 2)
    assert not Message.objects.exclude(text="").exists()
    with pytest.raises(MessageDeleted):
        amending.message_edit(user=bo, message=first, text="back", client_id=client_id())


def test_messages_of_other_rooms_are_not_found(ada: User, bo: User) -> None:
    message = say(ada, make_room(ada))
    for target in (message, 999_999, -1, 2**70):
        with pytest.raises(MessageNotFound):
            amending.message_edit(user=bo, message=target, text="x", client_id=client_id())
        with pytest.raises(MessageNotFound):
            amending.message_delete(user=bo, message=target, client_id=client_id())


def test_the_history_of_a_message_is_what_it_said_before(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    message = say(ada, room, "one, @bo")
    for text in ("two", "three"):
        amending.message_edit(user=ada, message=message, text=text, client_id=client_id())
    first, second = message_history(bo.pk, message)
    assert (first.text, second.text) == ("one, @bo", "two")
    assert [mention.user for mention in first.mentions] == [bo.pk]
    assert first.written_at == Message.objects.get().created_at < second.written_at
    with pytest.raises(MessageNotFound):
        message_history(make_user("cy").pk, message)
    delete(ada, message)
    assert message_history(bo.pk, message) == []


def test_a_deletion_is_undone_by_whoever_made_it_with_the_history_and_mentions(
    ada: User, bo: User, cy: User
) -> None:
    room = make_room(ada, bo, cy)
    message = say(bo, room, "one")
    amending.message_edit(user=bo, message=message, text="two, @cy", client_id=client_id())
    delete(ada, message)
    assert rooms_of(cy.pk, [room])[0].mentioned == []
    with pytest.raises(TooLateToUndo):
        restore(bo, message)
    assert restore(ada, message) == "two, @cy"
    assert restore(ada, message) == "two, @cy"
    assert [one.text for one in message_history(cy.pk, message)] == ["one"]
    assert rooms_of(cy.pk, [room])[0].mentioned == [1]
    assert Mention.objects.get().told
    name, data = last_event(f"room:{room}")
    assert (name, data["message"]["text"], data["message"]["deleted"]) == (
        "chat.message_restored",
        "two, @cy",
        False,
    )


def test_after_a_while_a_deleted_text_is_forgotten_and_cannot_be_brought_back(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = make_room(ada)
    kept, gone = say(ada, room, "kept"), say(ada, room, "gone")
    amending.message_edit(user=ada, message=kept, text="kept, too", client_id=client_id())
    delete(ada, gone)
    upkeep.keep_up()
    assert Revision.objects.count() == 2
    later = timezone.now() + timedelta(minutes=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    with pytest.raises(TooLateToUndo):
        restore(ada, gone)
    assert upkeep.anything_due()
    upkeep.keep_up()
    assert Revision.objects.get().text == "kept"
    with pytest.raises(TooLateToUndo):
        restore(ada, gone)
