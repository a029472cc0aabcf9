"""The switch that stops all sending, from any page of the cockpit."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_protect

from notifications.admin.pages import CockpitPages, only_post
from notifications.errors import AlreadyStopped
from notifications.policies import may_stop
from notifications.stop import sending_release, sending_stop

MAX_REASON_CHARS = 200


class SwitchPages(CockpitPages):
    def switch_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("stop/", wrap(self.stop_view), name="notifications_broadcast_stop"),
            path("release/", wrap(self.release_view), name="notifications_broadcast_release"),
        ]

    @method_decorator(csrf_protect)
    def stop_view(self, request: HttpRequest) -> HttpResponse:
        only_post(request)
        self.require(request, may_stop(request.user), "stop all sending")
        reason = " ".join(request.POST.get("reason", "").replace("\0", "").split())[:MAX_REASON_CHARS]
        if not reason:
            messages.error(request, gettext("Say why: whoever finds everything stopped wants to know."))
            return _back(request)
        try:
            sending_stop(by=request.user, reason=reason)
        except AlreadyStopped as error:
            messages.warning(request, error.sentence)
        else:
            messages.success(
                request, gettext("All sending is stopped. What was written is in people's inboxes.")
            )
        return _back(request)

    @method_decorator(csrf_protect)
    def release_view(self, request: HttpRequest) -> HttpResponse:
        only_post(request)
        self.require(request, may_stop(request.user), "let sending go on")
        if sending_release(by=request.user):
            messages.success(request, gettext("Sending goes on from where it was."))
        return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """To the page where the button was; only ever one of the cockpit."""
    pk = request.POST.get("broadcast", "")
    if pk.isascii() and pk.isdigit() and len(pk) < 19:
        return HttpResponseRedirect(reverse("admin:notifications_broadcast_change", args=[pk]))
    return HttpResponseRedirect(reverse("admin:notifications_broadcast_changelist"))
