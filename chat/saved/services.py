"""Saving messages for oneself."""

from __future__ import annotations

from accounts.models import User
from chat.conf import numbers
from chat.errors import MessageDeleted
from chat.models import Saved, user_stream
from chat.policies import message_for_reading
from chat.saved.errors import TooManySaved
from chat.saved.events import SavedChanged
from chat.saved.payloads import Keeping
from realtime import once, publish


def message_save(*, user: User, message: int, client_id: str) -> Keeping:
    """Keeps a message for the user; one that is saved stays so.

    Raises MessageNotFound, MessageDeleted, TooManySaved.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.message_save",
        result=Keeping,
        run=lambda: _save(user, message),
    )


def message_unsave(*, user: User, message: int, client_id: str) -> Keeping:
    """Keeps a message no longer; also one of a room that the user has left."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.message_unsave",
        result=Keeping,
        run=lambda: _unsave(user, message),
    )


def _save(user: User, message_id: int) -> Keeping:
    message = message_for_reading(user.pk, message_id)
    if message.deleted_at is not None:
        raise MessageDeleted()
    mine = Saved.objects.filter(user=user)
    if mine.count() >= numbers().max_saved and not mine.filter(message=message).exists():
        raise TooManySaved(max=numbers().max_saved)
    if Saved.objects.get_or_create(user=user, message=message)[1]:
        publish(user_stream(user.pk), SavedChanged(message.pk, saved=True))
    return Keeping(message.pk, saved=True)


def _unsave(user: User, message_id: int) -> Keeping:
    if 0 < message_id < 2**63 and Saved.objects.filter(user=user, message_id=message_id).delete()[0]:
        publish(user_stream(user.pk), SavedChanged(message_id, saved=False))
    return Keeping(message_id, saved=False)
