"""Pinning messages and taking pins away."""

from __future__ import annotations

from accounts.models import User
from chat.conf import numbers
from chat.errors import MessageDeleted
from chat.marks.payloads import remarked
from chat.marks.reading import seen_by
from chat.models import Message, Pin, stream_of
from chat.payloads import Changed
from chat.pins.errors import TooManyPins
from chat.pins.events import MessagePinned, MessageUnpinned
from chat.pins.payloads import Pin as PinPayload
from chat.pins.policies import message_for_pinning
from chat.threads.showing import shown_one
from realtime import once, publish


def message_pin(*, user: User, message: int, client_id: str) -> Changed:
    """Pins a message to its room; one that is pinned stays so.

    Raises MessageNotFound, MayNotPin, MessageDeleted, TooManyPins.
    """
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.message_pin",
        result=Changed,
        run=lambda: _pin(user, message),
    )


def message_unpin(*, user: User, message: int, client_id: str) -> Changed:
    """Takes the pin away, if there is one. Raises MessageNotFound, MayNotPin."""
    return once(
        user_id=user.pk,
        client_id=client_id,
        name="chat.message_unpin",
        result=Changed,
        run=lambda: _unpin(user, message),
    )


def _pin(user: User, message_id: int) -> Changed:
    message = message_for_pinning(user.pk, message_id)
    if message.deleted_at is not None:
        raise MessageDeleted()
    if not Pin.objects.filter(message=message).exists():
        if Pin.objects.filter(room=message.room).count() >= numbers().max_pins:
            raise TooManyPins(max=numbers().max_pins)
        pin = Pin.objects.create(message=message, room=message.room, pinned_by=user)
        _mark(message, pinned=True)
        publish(stream_of(message.room_id), MessagePinned(PinPayload.of(pin, shown_one(message))))
    return _changed(user, message)


def _unpin(user: User, message_id: int) -> Changed:
    message = message_for_pinning(user.pk, message_id)
    if Pin.objects.filter(message=message).delete()[0]:
        _mark(message, pinned=False)
        publish(stream_of(message.room_id), MessageUnpinned(message.pk, message.number))
    return _changed(user, message)


def _mark(message: Message, *, pinned: bool) -> None:
    message.marks = remarked(message.marks, pinned=pinned)
    message.save(update_fields=["marks"])


def _changed(user: User, message: Message) -> Changed:
    return Changed(*seen_by(user.pk, [shown_one(message)]))
