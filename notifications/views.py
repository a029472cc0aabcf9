"""Pages of notifications that need neither log-in nor JavaScript."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications.channels.email import reading_direction
from notifications.errors import BadUnsubscribeLink
from notifications.types import category_label
from notifications.unsubscribe import email_turn_off, unsubscription_of


@csrf_exempt  # mail programs post without a cookie; the link itself is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """POST turns the e-mails of the link's category off; GET asks, because scanners of mail follow links."""
    try:
        wanted = unsubscription_of(token)
    except BadUnsubscribeLink:
        return _page(request, {"state": "bad"}, status=404)
    labels = [category_label(category) for category in wanted.categories]
    if request.method != "POST":
        return _page(request, {"state": "asked", "categories": labels})
    email_turn_off(wanted)
    return _page(request, {"state": "done", "categories": labels})


def _page(request: HttpRequest, shown: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context = {**shown, **reading_direction()}
    response = render(request, "notifications/unsubscribe.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
