"""Who may read a room's stream: its members."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from chat.models import Member
from chat.moderation import streams as moderation
from realtime import stream_kind
from realtime.compiled import CompiledQuery

__all__ = ["moderation", "readable_rooms"]


@stream_kind("room", presence=True)
def readable_rooms(user: User, keys: Collection[str]) -> set[str]:
    ids = [
        int(key) for key in keys if key.isascii() and key.isdigit() and len(key) < 19 and str(int(key)) == key
    ]
    return {str(room_id) for (room_id,) in _memberships(user.pk, ids)}


@CompiledQuery
def _memberships(user_id: int, room_ids: Collection[int]) -> QuerySet[Any, Any]:
    return Member.objects.filter(user_id=user_id, room_id__in=room_ids).values_list("room_id")
