"""Who may pin: every member, unless the installation says otherwise.

The setting CHAT_MAY_PIN = "shop.rules.may_pin" names a function `(member: Member) -> bool`, which is given the
membership with its room, locked.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from chat.marks.policies import message_for_marking
from chat.models import Message
from chat.pins.errors import MayNotPin
from chat.policies import message_for_reading, room_for_writing


def message_for_pinning(user_id: int, message_id: int) -> Message:
    """A message, and its room, locked in this order: room, message. Raises MessageNotFound, MayNotPin."""
    room_id = message_for_reading(user_id, message_id).room_id
    member = room_for_writing(user_id, room_id)
    rule = getattr(settings, "CHAT_MAY_PIN", None)
    if rule is not None and not import_string(rule)(member):
        raise MayNotPin()
    return message_for_marking(user_id, message_id)[0]
