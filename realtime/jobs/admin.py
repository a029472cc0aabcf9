"""Jobs in the admin: to see what goes on, and to call it off. Results are for their owners alone."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from realtime.jobs import services
from realtime.jobs.models import Job


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("kind", "owner", "state", "done", "total", "message", "created_at", "finished_at")
    list_filter = ("state", "kind")
    list_select_related = ("owner",)
    search_fields = ("owner__username", "kind", "error")
    fields = (
        "kind",
        "owner",
        "state",
        "done",
        "total",
        "message",
        "error",
        "attempts",
        "created_at",
        "started_at",
        "finished_at",
        "expires_at",
    )
    readonly_fields = fields
    actions = ("cancel",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description="Call off the chosen jobs", permissions=["change"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        for job_id in jobs.values_list("pk", flat=True):
            services.cancel(job_id)
        self.message_user(request, "Those that were not over yet are called off.")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        for job in queryset:
            services.remove(job)
