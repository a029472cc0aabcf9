"""Who may put something on a message: the members of its room, as long as one writes there."""

from __future__ import annotations

from chat.errors import RoomArchived
from chat.models import Member, Message
from chat.policies import message_for_writing


def message_for_marking(user_id: int, message_id: int) -> tuple[Message, Member]:
    """As `message_for_writing`, of a room that is not archived. Raises MessageNotFound, RoomArchived."""
    message, member = message_for_writing(user_id, message_id)
    if message.room.archived_at is not None:
        raise RoomArchived()
    return message, member
