"""Forwarding: what somebody wrote, said again elsewhere, with their name and where it stands.

The text is copied at that moment, as one's own message, with its files: later edits and deletions do not reach it.
Names in it notify nobody.
"""

from __future__ import annotations

from accounts.models import User
from accounts.payloads import Person
from chat.errors import MessageDeleted
from chat.files.forwarding import files_again
from chat.payloads import Sent
from chat.policies import message_for_reading
from chat.sending import message_send
from chat.threads.payloads import Forwarded
from chat.threads.showing import shown_one
from realtime import once


def message_forward(*, user: User, message: int, room: int, client_id: str) -> Sent:
    """Sends what a message says now to another room. What was forwarded itself keeps its first author.

    Raises MessageNotFound, MessageDeleted, RoomNotFound, EmptyBody, QuotaExceeded.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.message_forward",
        result=Sent,
        run=lambda: _forward(user, message, room, client_id),
    )


def _forward(user: User, message_id: int, room_id: int, client_id: str) -> Sent:
    source = message_for_reading(user.pk, message_id)
    if source.deleted_at is not None:
        raise MessageDeleted()
    origin = shown_one(source).forwarded or Forwarded(Person.of(source.author), source.room_id, source.number)
    return message_send(
        author=user,
        room=room_id,
        text=source.text,
        client_id=client_id,
        files=files_again(user, source, room_id),
        forwarded=origin,
    )
