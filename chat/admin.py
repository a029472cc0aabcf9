"""Rooms and messages in the admin: to look at. Changing them here would bypass their events."""

from __future__ import annotations

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from chat.models import Member, Message, Room


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(Room)
class RoomAdmin(ReadOnly):
    list_display = ("__str__", "kind", "member_count", "last_number", "created_at")
    list_filter = ("kind",)
    search_fields = ("name", "topic")


@admin.register(Member)
class MemberAdmin(ReadOnly):
    list_display = ("room", "user", "role", "read_number", "joined_at")
    list_select_related = ("room", "user")
    list_filter = ("role",)
    search_fields = ("user__username", "room__name")


@admin.register(Message)
class MessageAdmin(ReadOnly):
    list_display = ("room", "number", "author", "created_at", "edited_at", "deleted_at")
    list_select_related = ("room", "author")
    search_fields = ("author__username", "room__name")
    show_full_result_count = False
