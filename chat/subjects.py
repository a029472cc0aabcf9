"""Messages, as what one can be reminded of: `message:12`, while it is there and one is in its room."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from chat.models import Message, Room
from chat.richtext.rendering import plain
from notifications.reminders.subject_kinds import Subject, subject_kind

_SHOWN_CHARS = 120


@subject_kind("message")
def messages(user: Any, keys: Collection[str]) -> dict[str, Subject]:
    ids = [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 19]
    visible = Message.objects.filter(pk__in=ids, deleted_at=None, room__members__user=user)
    return {
        str(message.pk): Subject(_title(message), f"/#/room/{message.room_id}/{message.number}")
        for message in visible.select_related("author", "room")
    }


def _title(message: Message) -> str:
    words = plain(message.text)
    shown = words if len(words) <= _SHOWN_CHARS else words[: _SHOWN_CHARS - 1] + "…"
    author = message.author.get_full_name()
    where = "" if message.room.kind == Room.Kind.DIRECT else f" in {message.room.name}"
    return f"{author}{where}: {shown}"
