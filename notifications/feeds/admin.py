"""What came of asking feeds, for administrators to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from notifications.models import FeedCall


@admin.register(FeedCall)
class FeedCallAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("feed", "window", "state", "attempts", "error", "finished_at")
    list_filter = ("state", "feed")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
