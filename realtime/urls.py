"""URLs of the whole project; composition only."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.generic import RedirectView, TemplateView

from realtime import health, staff
from realtime.gateway import sse
from realtime.http import make_api

api = make_api(title="Carillon", version="1", docs_url="/docs")
for router in (
    "accounts.api.router",
    "chat.api.router",
    "notifications.api.router",
    "notifications.channels.api.router",
    "realtime.jobs.api.router",
):
    api.add_router("", router)

page = ensure_csrf_cookie(TemplateView.as_view(template_name="index.html"))

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("sse", sse.stream),
    path("staff-only", staff.staff_only),
    path("metrics", health.metrics),
    # Browsers ask for it where a page names no icon: the admin, the API's documentation.
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}icon.svg")),
    path("", include("notifications.urls")),
    path("", include("chat.urls")),
    path("", page, name="page"),
    re_path(r"^(?:rooms|inbox|login|signup|settings)(?:/.*)?$", page),
]
