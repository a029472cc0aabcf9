"""`manage.py push_keys`: makes the key that signs what goes to push services."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from notifications.channels.web_push import new_private_key


class Command(BaseCommand):
    help = "Prints a new private key for Web Push, as a line for the environment. Keep it: browsers are bound to it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"WEB_PUSH_PRIVATE_KEY={new_private_key()}")
