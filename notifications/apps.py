"""Django's entry to the notifications app."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """Loads every installed app's `audiences`, `notification_types` and `subjects`, and the channels: whom and what
    people are told, what they can be reminded of, and how.
    """

    name = "notifications"
    verbose_name = _("Notifications")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from notifications import delivered, receivers  # noqa: F401  (they register themselves)
        from notifications.feeds import checks  # noqa: F401  (registers the system check)

        autodiscover_modules("audiences", "notification_types", "subjects")
        for module in settings.NOTIFICATION_CHANNELS:
            import_module(module)
