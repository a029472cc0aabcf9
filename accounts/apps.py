from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class AccountsConfig(AppConfig):
    """Loads every app's `exports`, what "export my data" contains, and `erasures`, what goes with an account."""

    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from accounts import availability, receivers  # noqa: F401  (registers and connects them)

        autodiscover_modules("exports", "erasures")
