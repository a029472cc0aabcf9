"""Django's entry to live models."""

from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "realtime.live"
    label = "realtime_live"
    verbose_name = "Live models"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from realtime.live import checks  # noqa: F401  (registers the system check)
