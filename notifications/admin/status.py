"""The status page's items, live in the list."""

from django.contrib import admin

from notifications.models import StatusItem
from realtime.live.admin import LiveModelAdmin


@admin.register(StatusItem)
class StatusItemAdmin(LiveModelAdmin):
    list_display = ("name", "state", "note", "updated_at")
    list_filter = ("state",)
    search_fields = ("name", "note")
