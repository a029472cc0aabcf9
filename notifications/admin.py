"""The administrator's pages: writing, confirming and following a broadcast, and the status page's items."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_protect

from notifications.audiences import audience_kind
from notifications.broadcasts import Audience, audience_size, broadcast_cancel, broadcast_create, progress
from notifications.errors import AlreadySent, BroadcastInvalid, BroadcastNotFound, EmptyAudience
from notifications.forms import AudienceForm, BroadcastForm
from notifications.models import AudienceChoice, Broadcast, Status, StatusItem
from notifications.policies import may_cancel, may_send, may_view
from notifications.schedule import zone_named
from realtime import positions
from realtime.live.admin import LiveModelAdmin

FIELDSETS = (
    ("Message", {"fields": ("title", "text", "level", "link")}),
    ("Audience", {"fields": ("audience_kind", "group", "room", "users")}),
    ("Time", {"fields": ("when", "local_date", "local_time", "time_zone")}),
)
PEOPLE_PER_PAGE = 20


@admin.register(Broadcast)
class BroadcastAdmin(admin.ModelAdmin):
    """A broadcast is written, confirmed and sent; never edited and never deleted: it is what was said."""

    list_display = ("title", "shown_status", "shown_audience", "due_at", "shown_progress", "created_by")
    list_filter = ("status", "audience_kind", "level")
    search_fields = ("title", "text")
    list_select_related = ("group", "created_by")
    change_form_template = "admin/notifications/broadcast/progress.html"
    fieldsets = (
        ("Message", {"fields": ("title", "text", "level", "link")}),
        ("Sending", {"fields": ("shown_audience", "shown_due", "created_by", "started_at", "finished_at")}),
    )
    readonly_fields = ("shown_audience", "shown_due", "created_by", "started_at", "finished_at")

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

    @admin.display(description="Status", ordering="status")
    def shown_status(self, broadcast: Broadcast) -> str:
        return format_html(
            '<span class="broadcast-status" data-status="{}">{}</span>',
            broadcast.status,
            broadcast.get_status_display(),
        )

    @admin.display(description="Audience")
    def shown_audience(self, broadcast: Broadcast) -> str:
        return audience_text(broadcast)

    @admin.display(description="Reached")
    def shown_progress(self, broadcast: Broadcast) -> str:
        return f"{broadcast.done} of {broadcast.total}"

    @admin.display(description="Due")
    def shown_due(self, broadcast: Broadcast) -> str:
        local = broadcast.due_at.astimezone(zone_named(broadcast.time_zone))
        return f"{local:%Y-%m-%d %H:%M} {broadcast.time_zone}"

    # ---- pages

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("people/", wrap(self.people_view), name="notifications_broadcast_people"),
            path("reach/", wrap(self.reach_view), name="notifications_broadcast_reach"),
            path("<int:pk>/cancel/", wrap(self.cancel_view), name="notifications_broadcast_cancel"),
            path("<int:pk>/progress/", wrap(self.progress_view), name="notifications_broadcast_progress"),
            *super().get_urls(),
        ]

    @method_decorator(csrf_protect)
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The empty form, the confirmation of a valid one, and its sending: told apart by the button pressed."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._form_page(request, BroadcastForm(admin_site=self.admin_site))
        form = BroadcastForm(request.POST, admin_site=self.admin_site)
        if not form.is_valid() or "_edit" in request.POST:
            return self._form_page(request, form)
        earlier = Broadcast.objects.filter(form_key=form.cleaned_data["form_key"]).first()
        if earlier is not None:
            return self._sent_before(request, earlier)
        people = audience_size(form.audience())
        if not people:
            messages.warning(request, "Nobody is in this audience, so nothing was sent. Choose another one.")
            return self._form_page(request, form)
        if "_send" not in request.POST:
            return self._confirm_page(request, form, people)
        return self._send(request, form)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "GET":
            raise PermissionDenied
        broadcast = self.get_object(request, object_id)
        if broadcast is not None and self.has_view_permission(request, broadcast):
            stream = broadcast.progress_stream
            cursor = positions([stream])[stream]
            broadcast.refresh_from_db()  # after the position: what came between is an event as well
            extra_context = {
                **(extra_context or {}),
                "broadcast": broadcast,
                "live": {"stream": stream, "epoch": cursor.epoch, "seq": cursor.seq},
                "can_cancel": may_cancel(request.user) and broadcast.status == Status.SCHEDULED,
            }
        return super().change_view(request, object_id, form_url, extra_context)

    def reach_view(self, request: HttpRequest) -> JsonResponse:
        """How many people the audience fields name now; for the form's script."""
        if not may_send(request.user):
            raise PermissionDenied
        form = AudienceForm(request.GET)
        if not form.is_valid():
            return JsonResponse({"people": None})
        return JsonResponse({"people": audience_size(form.audience()) or 0})

    def people_view(self, request: HttpRequest) -> JsonResponse:
        """Active people whose name contains `term`, in the form the admin's searching select reads."""
        if not may_send(request.user):
            raise PermissionDenied
        term = request.GET.get("term", "").replace("\0", "")[:100]
        page = _page_number(request.GET.get("page", "1"))
        people = (
            get_user_model().objects.filter(is_active=True, username__icontains=term).order_by("username")
        )
        first = (page - 1) * PEOPLE_PER_PAGE
        found = list(people[first : first + PEOPLE_PER_PAGE + 1])
        return JsonResponse(
            {
                "results": [{"id": str(user.pk), "text": str(user)} for user in found[:PEOPLE_PER_PAGE]],
                "pagination": {"more": len(found) > PEOPLE_PER_PAGE},
            }
        )

    def progress_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """What the progress event says, for a page whose socket does not work."""
        if not may_view(request.user):
            raise PermissionDenied
        broadcast = Broadcast.objects.filter(pk=pk).first()
        if broadcast is None:
            raise Http404
        told = progress(broadcast)
        return JsonResponse({name: getattr(told, name) for name in told.__struct_fields__})

    @method_decorator(csrf_protect)
    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST" or not may_cancel(request.user):
            raise PermissionDenied
        try:
            broadcast_cancel(pk)
        except BroadcastNotFound as error:
            raise Http404 from error
        except AlreadySent as error:
            messages.error(request, error.sentence)
        else:
            messages.success(request, "The broadcast is cancelled. Nobody got it.")
        return HttpResponseRedirect(_page_of(pk))

    # ---- the steps of sending

    def _form_page(self, request: HttpRequest, form: BroadcastForm) -> HttpResponse:
        admin_form = helpers.AdminForm(form, list(FIELDSETS), {}, model_admin=self)  # type: ignore[arg-type]
        return self._page(
            request,
            "form",
            title="Write a broadcast",
            form=form,
            adminform=admin_form,
            errors=helpers.AdminErrorList(form, []) if form.is_bound else [],
            media=self.media + Media(js=["admin/js/core.js"]) + form.media,
        )

    def _confirm_page(self, request: HttpRequest, form: BroadcastForm, people: int) -> HttpResponse:
        new = form.new_broadcast()
        return self._page(
            request,
            "confirm",
            title="Send this broadcast?",
            form=form,
            new=new,
            people=people,
            audience=_audience_name(new.audience),
            level=dict(form.fields["level"].choices)[new.level],  # type: ignore[attr-defined]
            local_due=new.due_at and new.due_at.astimezone(zone_named(new.time_zone)),
            media=self.media,
        )

    def _send(self, request: HttpRequest, form: BroadcastForm) -> HttpResponse:
        try:
            broadcast = broadcast_create(form.new_broadcast(), created_by=request.user)
        except (EmptyAudience, BroadcastInvalid) as error:
            messages.warning(request, error.sentence)
            return self._form_page(request, form)
        self.log_addition(request, broadcast, "Submitted.")
        if broadcast.due_at > timezone.now():
            messages.success(request, f"“{broadcast}” is scheduled for {self.shown_due(broadcast)}.")
        else:
            messages.success(request, f"“{broadcast}” is on its way.")
        return HttpResponseRedirect(_page_of(broadcast.pk))

    def _sent_before(self, request: HttpRequest, broadcast: Broadcast) -> HttpResponse:
        messages.warning(
            request,
            "This form was submitted before; it was not sent again. This is the broadcast it made. "
            "To send another one, start with an empty form.",
        )
        return HttpResponseRedirect(_page_of(broadcast.pk))

    def _page(self, request: HttpRequest, name: str, **context: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/notifications/broadcast/{name}.html", context)


@admin.register(StatusItem)
class StatusItemAdmin(LiveModelAdmin):
    list_display = ("name", "state", "note", "updated_at")
    list_filter = ("state",)
    search_fields = ("name", "note")


def audience_text(broadcast: Broadcast) -> str:
    """The audience as a person says it."""
    match broadcast.audience_kind:
        case AudienceChoice.GROUP:
            return f"group {broadcast.group or '(deleted)'}"
        case AudienceChoice.ROOM:
            return f"members of {broadcast.room_name}"
        case AudienceChoice.USERS:
            return "named people"
    return "everybody"


def _audience_name(audience: Audience) -> str:
    if audience.kind == AudienceChoice.USERS:
        return "named people"
    kind = audience_kind(audience.kind)
    name = kind.name(audience.key) if kind else audience.kind
    return {AudienceChoice.GROUP: f"group {name}", AudienceChoice.ROOM: f"members of {name}"}.get(
        AudienceChoice(audience.kind), name
    )


def _page_of(pk: int) -> str:
    return reverse("admin:notifications_broadcast_change", args=[pk])


def _page_number(text: str) -> int:
    return (
        min(int(text), 1000) if text.isascii() and text.isdigit() and 0 < len(text) < 6 and int(text) else 1
    )
