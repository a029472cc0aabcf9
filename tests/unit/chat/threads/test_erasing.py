from __future__ import annotations

import pytest

from accounts.erasing import Erased
from accounts.models import User
from chat import erasures
from chat.models import Thread
from chat.sending import message_send
from tests.support.people import client_id, make_room

pytestmark = pytest.mark.django_db


def test_replies_that_go_with_an_account_do_not_count_any_more(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    root = message_send(author=ada, room=room, text="root", client_id=client_id()).message
    for author in (bo, ada, bo):
        message_send(author=author, room=room, text="reply", client_id=client_id(), thread=root)
    assert not erasures.messages(Erased(bo, True))
    thread = Thread.objects.get(pk=root)
    assert (thread.reply_count, thread.participants) == (1, f"[{ada.pk}]")
