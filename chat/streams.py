"""Who may read a room's stream: its members."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import User
from chat.models import Member
from realtime import stream_kind


@stream_kind("room", presence=True)
def readable_rooms(user: User, keys: Collection[str]) -> set[str]:
    ids = [
        int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 19 and str(int(key)) == key
    ]
    mine = Member.objects.filter(user_id=user.pk, room_id__in=ids).values_list("room_id", flat=True)
    return {str(room_id) for room_id in mine}
