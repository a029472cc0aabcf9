"""`/healthz` (the process lives), `/readyz` (it should get traffic) and `/metrics` (Prometheus)."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from realtime.hub import running_hub
from realtime.server import state


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all; touches neither database nor Redis."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 with `ready` or `degraded` (Redis away: slower, nothing lost); 503 while draining or without database."""
    checks: dict[str, Any] = {"database": _database_answers(), "draining": state.draining}
    hub = running_hub()
    checks["redis"] = hub is None or hub.layer_connected
    if state.draining or not checks["database"]:
        return JsonResponse({"status": "not ready", **checks}, status=503)
    return JsonResponse({"status": "ready" if checks["redis"] else "degraded", **checks})


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
