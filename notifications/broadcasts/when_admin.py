"""The administrator's pages about time: what a schedule means, which times a broadcast had and has, editing, skipping.

The broadcast admin mixes it in.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_protect

from notifications.broadcasts.audit import record
from notifications.broadcasts.calendar import coming, table
from notifications.broadcasts.drafts import CHANGED, described
from notifications.broadcasts.edit_form import EditForm
from notifications.broadcasts.planning import at_once
from notifications.broadcasts.schedule import in_words
from notifications.broadcasts.script_words import when_words
from notifications.broadcasts.steering import occurrence_skip
from notifications.broadcasts.when_form import NEEDED, WHEN_FIELDS, WhenForm
from notifications.broadcasts.writing import broadcast_edit
from notifications.errors import BroadcastInvalid, OccurrenceNotFound, ScheduleInvalid
from notifications.models import Broadcast, Occurrence
from notifications.policies import may_cancel, may_send, may_view
from realtime import Conflict

_FIELDSETS = (
    (_("Message"), {"fields": ("title", "text", "level", "link")}),
    (_("Time"), {"fields": WHEN_FIELDS}),
)
_TEMPLATES = "admin/notifications/broadcast"


class ScheduleAdmin(admin.ModelAdmin):
    """Pages for the times of a broadcast."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("when/", wrap(self.when_view), name="notifications_broadcast_when"),
            path("<int:pk>/times/", wrap(self.times_view), name="notifications_broadcast_times"),
            path("<int:pk>/edit/", wrap(self.edit_view), name="notifications_broadcast_edit"),
            path("times/<int:pk>/skip/", wrap(self.skip_view), name="notifications_broadcast_skip"),
            *super().get_urls(),
        ]

    def when_view(self, request: HttpRequest) -> JsonResponse:
        """What the time fields mean: words and the next times, or what is wrong with each field. It is incomplete where
        the first of these is only still empty.
        """
        if not may_send(request.user):
            raise PermissionDenied
        form = WhenForm(request.GET)
        if not form.is_valid():
            first = next(iter(form.errors.as_data().values()))[0]
            return JsonResponse(
                {"words": "", "times": [], "errors": form.errors, "incomplete": first.code == NEEDED}
            )
        now = timezone.now()
        schedule = form.schedule()
        return JsonResponse(
            {
                "words": in_words(schedule) if schedule else gettext("Now"),
                "times": [asdict(one) for one in coming(schedule or at_once(now), now=now)]
                if schedule
                else [],
                "errors": {},
                "incomplete": False,
            }
        )

    def times_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The table of a broadcast's times, by itself; its page asks for it again when something has changed."""
        if not may_view(request.user):
            raise PermissionDenied
        broadcast = get_object_or_404(Broadcast, pk=pk)
        return TemplateResponse(request, f"{_TEMPLATES}/times.html", self.times_context(request, broadcast))

    def times_context(self, request: HttpRequest, broadcast: Broadcast) -> dict[str, Any]:
        """What the table's template needs. Two queries."""
        times = table(broadcast, now=timezone.now())
        return {"broadcast": broadcast, "times": times, "may_steer": may_cancel(request.user)}

    @method_decorator(csrf_protect)
    def skip_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One time of a series is left out, by its button."""
        if request.method != "POST" or not may_cancel(request.user):
            raise PermissionDenied
        broadcast = get_object_or_404(Broadcast, occurrences=pk)
        try:
            occurrence = occurrence_skip(pk)
        except OccurrenceNotFound as error:
            raise Http404 from error
        except Conflict as error:
            messages.error(request, error.sentence)
        else:
            said = gettext("%(time)s is skipped; the other times stay.") % {"time": _local(occurrence)}
            record(request.user, gettext_noop("skipped a time"), broadcast, note=_local(occurrence))
            messages.success(request, said)
        return HttpResponseRedirect(_page_of(broadcast))

    @method_decorator(csrf_protect)
    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Changes what has not been sent yet."""
        if not may_send(request.user):
            raise PermissionDenied
        broadcast = get_object_or_404(Broadcast, pk=pk)
        form = EditForm.of(broadcast, request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid() and self._edited(request, broadcast, form):
            return HttpResponseRedirect(_page_of(broadcast))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Edit “%(title)s”") % {"title": broadcast},
            "broadcast": broadcast,
            "form": form,
            "adminform": helpers.AdminForm(form, list(_FIELDSETS), {}, model_admin=self),  # type: ignore[arg-type]
            "errors": helpers.AdminErrorList(form, []) if form.is_bound else [],
            "words": when_words(),
            "media": self.media + Media(js=["admin/js/core.js"]) + form.media,
        }
        return TemplateResponse(request, f"{_TEMPLATES}/edit.html", context)

    def _edited(self, request: HttpRequest, broadcast: Broadcast, form: EditForm) -> bool:
        try:
            after = broadcast_edit(broadcast.pk, form.edit())
        except (BroadcastInvalid, ScheduleInvalid, Conflict) as error:
            messages.error(request, error.sentence)
            return isinstance(error, Conflict)
        if after.revision != broadcast.revision:
            record(request.user, CHANGED, after, before=described(broadcast), after=described(after))
        messages.success(
            request, gettext("What has not been sent yet is changed. Who has got it keeps it as it was.")
        )
        return True


def _local(occurrence: Occurrence) -> str:
    return occurrence.local_time.replace("T", " ")[:16]


def _page_of(broadcast: Broadcast) -> str:
    return reverse("admin:notifications_broadcast_change", args=[broadcast.pk])
