"""The list of broadcasts, who may do what with them, and which page one has: drafts are rehearsed, others watched."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Min, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from notifications.admin.pages import found_or_404
from notifications.admin.rehearsal import RehearsalPages
from notifications.admin.switch import SwitchPages
from notifications.admin.watching import WatchPages
from notifications.admin.writing import WritingPages
from notifications.broadcasts.timing import due_text
from notifications.broadcasts.when_admin import ScheduleAdmin
from notifications.models import Broadcast, Status
from notifications.policies import may_send, may_view

_FILTERS = {"status": _("status"), "audience_kind": _("audience"), "level": _("level")}


class TitledFilter(admin.ChoicesFieldListFilter):
    """By a column whose own name is English."""

    def __init__(self, *args: Any, field_path: str) -> None:
        super().__init__(*args, field_path=field_path)
        self.title = _FILTERS[field_path]


@admin.register(Broadcast)
class BroadcastAdmin(WritingPages, RehearsalPages, WatchPages, SwitchPages, ScheduleAdmin):
    """A broadcast is written, rehearsed and sent; never deleted: it is what was said."""

    list_display = (
        "shown_title",
        "shown_status",
        "shown_audience",
        "shown_due",
        "shown_progress",
        "shown_author",
    )
    list_filter = [(name, TitledFilter) for name in _FILTERS]
    search_fields = ("title", "text")
    list_select_related = ("group", "without_group", "created_by")
    change_list_template = "admin/notifications/broadcast/change_list.html"

    # ---- who may do what

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_send(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Broadcast | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Broadcast | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Broadcast | None = None) -> bool:
        return may_view(request.user)

    # ---- columns

    def get_queryset(self, request: HttpRequest) -> QuerySet[Broadcast]:
        waiting = Q(occurrences__status=Status.SCHEDULED)
        return (
            super()
            .get_queryset(request)
            .annotate(
                done=Sum("occurrences__done"),
                total=Sum("occurrences__total"),
                due_at=Min("occurrences__due_at", filter=waiting),
            )
        )

    @admin.display(description=_("Title"), ordering="title")
    def shown_title(self, broadcast: Broadcast) -> str:
        return broadcast.title

    @admin.display(description=_("Status"), ordering="status")
    def shown_status(self, broadcast: Broadcast) -> str:
        return format_html(
            '<span class="broadcast-status" data-status="{}">{}</span>',
            broadcast.status,
            broadcast.get_status_display(),
        )

    @admin.display(description=_("Audience"))
    def shown_audience(self, broadcast: Broadcast) -> str:
        return broadcast.audience_text()

    @admin.display(description=_("Due"), ordering="due_at")
    def shown_due(self, broadcast: Broadcast) -> str:
        return due_text(broadcast)

    @admin.display(description=_("Reached"))
    def shown_progress(self, broadcast: Any) -> str:
        if broadcast.total is None:
            return "—"
        return gettext("%(done)s of %(total)s") % {"done": broadcast.done, "total": broadcast.total}

    @admin.display(description=_("Written by"), ordering="created_by")
    def shown_author(self, broadcast: Broadcast) -> str:
        return str(broadcast.created_by or "—")

    # ---- pages

    def get_urls(self) -> list[URLPattern]:
        return [
            *self.writing_urls(),
            *self.rehearsal_urls(),
            *self.watch_urls(),
            *self.switch_urls(),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, self.frame(request, **(extra_context or {})))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "GET":
            raise PermissionDenied
        pk = int(object_id) if object_id.isascii() and object_id.isdigit() and len(object_id) < 19 else 0
        self.require(request, may_view(request.user), gettext_noop("see it"), pk)
        broadcast = found_or_404(pk)
        if broadcast.status == Status.DRAFT:
            return self.rehearsal_page(request, broadcast)
        return self.watch_page(request, broadcast)
