"""Who may do what with marks, drafts, saved and scheduled messages: rows of the authorisation tables of chat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from chat.acks.services import ack_ask
from chat.polls.services import poll_create
from chat.scheduled.services import schedule
from tests.support.authorisation import Outcome, World, outcome
from tests.support.people import client_id

Args = Callable[[World], dict[str, Any]]
Request = Callable[[World], tuple[str, dict[str, Any] | None]]

EVERYBODY, MEMBERS = outcome("ok", "ok", "ok"), outcome("not_found", "ok", "ok")
WRITERS = outcome("not_found", "ok", "ok", muted="muted")
ITS_OWN = outcome("not_found", "ok", "not_found", guest="not_found", muted="not_found", moderator="not_found")
OPEN, CLOSED = outcome(200, 200, 200), outcome(404, 200, 200)


def _later() -> str:
    return (timezone.now() + timedelta(hours=1)).isoformat()


def _poll(world: World) -> int:
    """Of the member."""
    return poll_create(
        user=world.member,
        room=world.room,
        question="What?",
        options=["Tea", "Coffee"],
        multiple=False,
        anonymous=False,
        ends_at=None,
        client_id=client_id(),
    ).message


def _asked(world: World) -> int:
    """By another member."""
    return ack_ask(user=world.target, room=world.room, text="Read this", client_id=client_id()).message


def _scheduled(world: World) -> int:
    """By the member."""
    at = timezone.now() + timedelta(hours=2)
    return schedule(user=world.member, room=world.room, text="later", send_at=at, client_id=client_id()).id


COMMANDS: dict[str, tuple[Args, Outcome]] = {
    "chat.reaction_add": (lambda w: {"message": w.message, "emoji": "👍"}, MEMBERS),
    "chat.reaction_remove": (lambda w: {"message": w.message, "emoji": "👍"}, MEMBERS),
    "chat.message_pin": (lambda w: {"message": w.message}, MEMBERS),
    "chat.message_unpin": (lambda w: {"message": w.message}, MEMBERS),
    "chat.message_save": (lambda w: {"message": w.message}, MEMBERS),
    "chat.message_unsave": (lambda w: {"message": w.message}, EVERYBODY),
    "chat.room_unread": (lambda w: {"room": w.room, "number": 1}, MEMBERS),
    "chat.draft_save": (lambda w: {"room": w.room, "text": "x"}, MEMBERS),
    "chat.schedule": (
        lambda w: {"room": w.room, "text": "x", "send_at": _later(), "thread": w.message, "quote": w.message},
        MEMBERS,
    ),
    "chat.schedule_change": (
        lambda w: {"scheduled": _scheduled(w), "text": "y"},
        ITS_OWN,
    ),
    "chat.schedule_cancel": (lambda w: {"scheduled": _scheduled(w)}, ITS_OWN),
    "chat.poll_create": (lambda w: {"room": w.room, "question": "What?", "options": ["a", "b"]}, WRITERS),
    "chat.poll_vote": (lambda w: {"message": _poll(w), "options": [0]}, MEMBERS),
    "chat.poll_close": (
        lambda w: {"message": _poll(w)},
        outcome("not_found", "ok", "ok", guest="not_author", muted="not_author"),
    ),
    "chat.ack_ask": (lambda w: {"room": w.room, "text": "x"}, WRITERS),
    "chat.ack_give": (lambda w: {"message": _asked(w)}, MEMBERS),
}

ROUTES: dict[str, tuple[Request, Outcome | str]] = {
    "POST /api/messages/{message_id}/reactions": (
        lambda w: (f"/api/messages/{w.message}/reactions", {"emoji": "👍"}),
        CLOSED,
    ),
    "DELETE /api/messages/{message_id}/reactions": (
        lambda w: (f"/api/messages/{w.message}/reactions?emoji=👍&client_id={client_id()}", None),
        CLOSED,
    ),
    "GET /api/messages/{message_id}/reactions": (
        lambda w: (f"/api/messages/{w.message}/reactions?emoji=👍", None),
        CLOSED,
    ),
    "GET /api/rooms/{room_id}/pins": (lambda w: (f"/api/rooms/{w.room}/pins", None), CLOSED),
    "POST /api/messages/{message_id}/pin": (lambda w: (f"/api/messages/{w.message}/pin", {}), CLOSED),
    "POST /api/messages/{message_id}/unpin": (lambda w: (f"/api/messages/{w.message}/unpin", {}), CLOSED),
    "GET /api/saved": (lambda w: ("/api/saved", None), OPEN),
    "POST /api/messages/{message_id}/save": (lambda w: (f"/api/messages/{w.message}/save", {}), CLOSED),
    "POST /api/messages/{message_id}/unsave": (lambda w: (f"/api/messages/{w.message}/unsave", {}), OPEN),
    "POST /api/rooms/{room_id}/unread": (lambda w: (f"/api/rooms/{w.room}/unread", {"number": 1}), CLOSED),
    "GET /api/drafts": (lambda w: ("/api/drafts", None), OPEN),
    "PUT /api/rooms/{room_id}/draft": (lambda w: (f"/api/rooms/{w.room}/draft", {"text": "x"}), CLOSED),
    "GET /api/scheduled": (lambda w: ("/api/scheduled", None), OPEN),
    "POST /api/rooms/{room_id}/scheduled": (
        lambda w: (f"/api/rooms/{w.room}/scheduled", {"text": "x", "send_at": _later()}),
        CLOSED,
    ),
    "PATCH /api/scheduled/{scheduled_id}": (
        lambda w: (f"/api/scheduled/{_scheduled(w)}", {"text": "y"}),
        "chat.schedule_change",
    ),
    "DELETE /api/scheduled/{scheduled_id}": (
        lambda w: (f"/api/scheduled/{_scheduled(w)}?client_id={client_id()}", None),
        "chat.schedule_cancel",
    ),
    "POST /api/rooms/{room_id}/polls": (
        lambda w: (f"/api/rooms/{w.room}/polls", {"question": "What?", "options": ["a", "b"]}),
        "chat.poll_create",
    ),
    "POST /api/messages/{message_id}/vote": (
        lambda w: (f"/api/messages/{_poll(w)}/vote", {"options": [0]}),
        CLOSED,
    ),
    "POST /api/messages/{message_id}/close-poll": (
        lambda w: (f"/api/messages/{_poll(w)}/close-poll", {}),
        "chat.poll_close",
    ),
    "GET /api/messages/{message_id}/votes": (
        lambda w: (f"/api/messages/{_poll(w)}/votes?option=0", None),
        CLOSED,
    ),
    "POST /api/rooms/{room_id}/ack-requests": (
        lambda w: (f"/api/rooms/{w.room}/ack-requests", {"text": "x"}),
        "chat.ack_ask",
    ),
    "POST /api/messages/{message_id}/ack": (lambda w: (f"/api/messages/{_asked(w)}/ack", {}), CLOSED),
    "GET /api/messages/{message_id}/acks": (lambda w: (f"/api/messages/{_asked(w)}/acks", None), CLOSED),
}
