"""Who may follow what moderators are told: `moderation:<room id>` its owners and moderators, `moderation:all` staff."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import User
from chat.moderation.policies import is_server_moderator, moderated_rooms
from realtime import stream_kind

ALL = "moderation:all"


def moderators_stream(room_id: int) -> str:
    return f"moderation:{room_id}"


@stream_kind("moderation")
def readable_queues(user: User, keys: Collection[str]) -> set[str]:
    """One query for all rooms, and those of the permission where `all` is asked for."""
    ids = {int(key): key for key in keys if key.isascii() and key.isdigit() and len(key) < 19}
    allowed = {str(room_id) for room_id in moderated_rooms(user.pk, list(ids))} if ids else set[str]()
    if "all" in keys and is_server_moderator(user.pk):
        allowed.add("all")
    return allowed & set(keys)
