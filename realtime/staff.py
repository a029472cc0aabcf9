"""Lets the proxy ask whose request it has: tools beside the site, such as Flower, stand behind the admin's log-in."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def staff_only(request: HttpRequest) -> HttpResponse:
    """204 for who may enter the admin, 401 for who is not logged in, 403 for others (nginx's `auth_request`)."""
    if admin.site.has_permission(request):
        return HttpResponse(status=204)
    return HttpResponse(status=403 if request.user.is_authenticated else 401)
