"""`manage.py up`: what `make run` runs once everything is installed. See `realtime/supervisor/`."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Start everything on this machine: redis, the server, a Celery worker and beat. PORT chooses the port."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        os.chdir(settings.BASE_DIR)
        # A process of its own: the supervisor stays small and free of Django.
        os.execv(sys.executable, [sys.executable, "-m", "realtime.supervisor"])  # noqa: S606
