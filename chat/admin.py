"""Rooms and messages in the admin: to look at. Changing them here would bypass their events."""

from __future__ import annotations

from django.contrib import admin

from chat.groups import admin as groups
from chat.models import Member, Message, Room
from chat.moderation.admin import HoldsRooms, Readable
from chat.richtext.admin import EmojiAdmin

__all__ = ["EmojiAdmin"]

__all__ = ["groups"]


@admin.register(Room)
class RoomAdmin(HoldsRooms, Readable):
    list_display = (
        "__str__",
        "kind",
        "member_count",
        "last_number",
        "posting",
        "retention_days",
        "legal_hold",
        "created_at",
    )
    list_filter = ("kind", "legal_hold")
    search_fields = ("name", "topic")


@admin.register(Member)
class MemberAdmin(Readable):
    list_display = ("room", "user", "role", "read_number", "joined_at")
    list_select_related = ("room", "user")
    list_filter = ("role",)
    search_fields = ("user__username", "room__name")


@admin.register(Message)
class MessageAdmin(Readable):
    list_display = ("room", "number", "author", "created_at", "edited_at", "deleted_at")
    list_select_related = ("room", "author")
    search_fields = ("author__username", "room__name")
    show_full_result_count = False
