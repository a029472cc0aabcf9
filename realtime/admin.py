"""Periodic tasks in the admin: what the installation declares can be rescheduled or switched off, and not broken."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django_celery_beat.admin import PeriodicTaskAdmin, PeriodicTaskForm
from django_celery_beat.models import PeriodicTask
from kombu.exceptions import OperationalError

from realtime.workers import periodic

admin.site.unregister(PeriodicTask)


class OurPeriodicTaskForm(PeriodicTaskForm):  # type: ignore[misc]
    """Of a declared row the task is no field, though the package's form asks for it."""

    def clean(self) -> Any:
        if "task" not in self.fields:
            self.cleaned_data["task"] = self.instance.task
        return super().clean()


@admin.register(PeriodicTask)
class OurPeriodicTaskAdmin(PeriodicTaskAdmin):  # type: ignore[misc]
    """Of a declared row only when it runs, and whether, can be changed; it can't be deleted, nor can its schedule."""

    form = OurPeriodicTaskForm
    change_form_template = None  # the package's has a script in the page, which our policy forbids
    list_display = ("name", "task", "scheduler", "enabled", "last_run_at", "total_run_count")
    EDITABLE = frozenset({"enabled", "interval", "crontab", "solar", "description"})

    def get_readonly_fields(self, request: HttpRequest, obj: PeriodicTask | None = None) -> tuple[str, ...]:
        readonly: tuple[str, ...] = super().get_readonly_fields(request, obj)
        if obj is None or not periodic.is_declared(obj.name):
            return readonly
        names = [name for _, options in self.fieldsets for name in options["fields"]]
        return tuple(name for name in names if name not in self.EDITABLE)

    def get_fieldsets(self, request: HttpRequest, obj: PeriodicTask | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not periodic.is_declared(obj.name):
            return fieldsets
        # The list of registered tasks is a field of the form alone: there is nothing to show of it.
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name != "regtask"]})
            for title, options in fieldsets
        ]

    def has_delete_permission(self, request: HttpRequest, obj: PeriodicTask | None = None) -> bool:
        declared = obj is not None and periodic.is_declared(obj.name)
        return not declared and bool(super().has_delete_permission(request, obj))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.method == "GET" and (names := periodic.disabled_rows()):
            messages.warning(
                request,
                f"Switched off, though the installation needs them: {', '.join(names)}. Enable them again.",
            )
        return super().changelist_view(request, extra_context)

    @admin.action(description="Run selected tasks", permissions=["change"])
    def run_tasks(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> None:
        try:
            super().run_tasks(request, queryset)
        except (OperationalError, OSError) as error:
            messages.error(request, f"The broker is away ({error}): try again when it is back.")
