"""What "export my data" has of chat: all that is one's own, and nothing of what others wrote."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from accounts.exporting import sections
from accounts.models import User
from chat.acks.services import ack_ask, ack_give
from chat.drafts.services import draft_save
from chat.polls.services import poll_create, poll_vote
from chat.reactions.services import reaction_add
from chat.saved.services import message_save
from chat.scheduled.services import schedule
from tests.support.people import client_id, make_room, say

pytestmark = pytest.mark.django_db


def exported(user: User) -> dict[str, list[dict[str, Any]]]:
    return {
        section.name: [dict(section.row(row)) for row in section.rows(user).order_by("pk")]
        for section in sections()
    }


def test_it_has_what_one_put_on_messages_keeps_and_began_to_write(ada: User, bo: User) -> None:
    room = make_room(ada, bo)
    (message,) = say(bo, room, "their words")
    asked = ack_ask(user=bo, room=room, text="their request", client_id=client_id()).message
    poll = poll_create(
        user=bo,
        room=room,
        question="their question",
        options=["their first", "their second"],
        multiple=False,
        anonymous=True,
        ends_at=None,
        client_id=client_id(),
    ).message
    for user in (ada, bo):
        reaction_add(user=user, message=message, emoji="👍", client_id=client_id())
        message_save(user=user, message=message, client_id=client_id())
        poll_vote(user=user, message=poll, options=[1], client_id=client_id())
        draft_save(user=user, room=room, thread=None, text=f"draft of {user}", client_id=client_id())
        at = timezone.now() + timedelta(hours=1)
        schedule(user=user, room=room, text=f"later, {user}", send_at=at, client_id=client_id())
    ack_give(user=ada, message=asked, client_id=client_id())

    found = exported(ada)
    assert [(one["message_id"], one["emoji"]) for one in found["reactions"]] == [(message, "👍")]
    assert [one["message_id"] for one in found["saved_messages"]] == [message]
    assert [(one["poll_id"], one["option"]) for one in found["poll_votes"]] == [(poll, 1)]
    assert [one["message_id"] for one in found["acknowledgements"]] == [asked]
    assert [(one["room"], one["text"]) for one in found["drafts"]] == [(room, "draft of ada")]
    assert [one["text"] for one in found["scheduled_messages"]] == ["later, ada"]
    everything = msgspec.json.encode(found).decode()
    assert "their" not in everything
    assert "of bo" not in everything
