"""What every page of the cockpit has: its frame, the switch that stops all sending, and a door that is written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from notifications.broadcasts.audit import REFUSED, record
from notifications.errors import BroadcastNotFound
from notifications.models import Broadcast
from notifications.policies import may_approve, may_cancel, may_send, may_stop
from notifications.stop import current_stop
from realtime import RealtimeError


class CockpitPages(admin.ModelAdmin):
    """The base of the other pages."""

    def frame(self, request: HttpRequest, **context: Any) -> dict[str, Any]:
        """What the templates of all pages name. One query for the switch."""
        user = request.user
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "stop": current_stop(),
            "may_send": may_send(user),
            "may_steer": may_cancel(user),
            "may_approve": may_approve(user),
            "may_stop": may_stop(user),
            **context,
        }

    def page(self, request: HttpRequest, name: str, **context: Any) -> HttpResponse:
        template = f"admin/notifications/broadcast/{name}.html"
        return TemplateResponse(request, template, self.frame(request, **context))

    def require(self, request: HttpRequest, allowed: bool, act: str, pk: int | None = None) -> None:
        """Raises PermissionDenied, and writes down who tried; `act` is English, as others in the audit."""
        if allowed:
            return
        broadcast = Broadcast.objects.filter(pk=pk).first() if pk is not None else None
        record(request.user, REFUSED, broadcast, note=act)
        raise PermissionDenied

    def act(self, request: HttpRequest, pk: int, change: Callable[[], Any], done: str) -> HttpResponse:
        """Does it, and says on the broadcast's page that it is done, or why not."""
        try:
            change()
        except BroadcastNotFound as error:
            raise Http404 from error
        except RealtimeError as error:
            messages.error(request, error.sentence)
        else:
            messages.success(request, done)
        return HttpResponseRedirect(page_of(pk))


def page_of(pk: int) -> str:
    return reverse("admin:notifications_broadcast_change", args=[pk])


def found_or_404(pk: int) -> Broadcast:
    broadcast = Broadcast.objects.select_related("group", "without_group", "created_by").filter(pk=pk).first()
    if broadcast is None:
        raise Http404
    return broadcast


def only_post(request: HttpRequest) -> None:
    if request.method != "POST":
        raise PermissionDenied
