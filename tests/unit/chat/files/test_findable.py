"""Messages are found by the files that they have, as long as they have them."""

from __future__ import annotations

import pytest

from accounts.models import User
from chat import amending
from chat.files import services
from chat.models import Message
from chat.search import index
from chat.search.kinds import HAS, facts_of
from chat.sending import message_send
from tests.support.people import client_id, make_room
from tests.support.uploads import upload

pytestmark = pytest.mark.django_db(transaction=True)


def has(message: int) -> set[str]:
    facts = facts_of([Message.objects.get(pk=message)])[message]
    return {fact.removeprefix(HAS) for fact in facts if fact.startswith(HAS)}


def test_a_message_has_what_its_files_are(ada: User) -> None:
    room = make_room(ada)
    image, text = upload(ada), upload(ada, b"hello", "a.txt")
    message = message_send(
        author=ada, room=room, text="", client_id=client_id(), files=[image.id, text.id]
    ).message
    while index.anything_to_index():
        index.index_some()
    assert has(message) == {"file", "image"}
    services.file_remove(user=ada, file=image.id, client_id=client_id())
    assert has(message) == {"file"}
    amending.message_delete(user=ada, message=message, client_id=client_id())
    assert has(message) == set()
