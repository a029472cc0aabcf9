"""The only ways to get a thread on a user's behalf: who may read a room may read its threads."""

from __future__ import annotations

from chat.errors import MessageNotFound
from chat.models import Message, Thread
from chat.policies import message_for_reading, room_for_writing


def root_for_reading(user_id: int, message_id: int) -> Message:
    """The message that begins the thread of this one, which is it or a reply. Raises MessageNotFound."""
    message = message_for_reading(user_id, message_id)
    if message.root_id is None:
        return message
    root = Message.objects.select_related("author", "room", "thread").filter(pk=message.root_id).first()
    if root is None:  # deleted for its age
        raise MessageNotFound()
    return root


def thread_for_following(user_id: int, message_id: int) -> Thread:
    """The thread of a message, made where nobody has replied yet. Raises MessageNotFound, RoomNotFound."""
    root = root_for_reading(user_id, message_id)
    room_for_writing(user_id, root.room_id)  # who replies at this moment makes it too
    thread, _ = Thread.objects.get_or_create(
        root_id=root.pk, defaults={"room_id": root.room_id, "number": root.number}
    )
    return thread
