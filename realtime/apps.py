from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RealtimeConfig(AppConfig):
    """Finds what each app registers: events, commands, stream kinds and live models."""

    name = "realtime"
    verbose_name = "Realtime"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from realtime import (
            celery,  # noqa: F401  (makes ours the application of every shared task)
            checks,  # noqa: F401  (registers the system checks)
        )
        from realtime.workers import checks as worker_checks  # noqa: F401

        autodiscover_modules("events", "commands", "streams", "live")
