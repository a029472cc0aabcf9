"""Django's entry to the notifications app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NotificationsConfig(AppConfig):
    """Loads every installed app's `audiences` module, so that broadcasts can be addressed to them."""

    name = "notifications"
    verbose_name = "Notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from notifications import receivers  # noqa: F401  (registers itself)

        autodiscover_modules("audiences")
