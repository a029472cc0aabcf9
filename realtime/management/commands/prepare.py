"""`manage.py prepare`: brings the database up to date and, in an empty installation, puts the demo into it."""

import io
import os
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

DEMO_ACCOUNTS_NAME = "demo-accounts.txt"


class Command(BaseCommand):
    help = "Migrate the database and, when it has no users yet, create the demo accounts (DEMO=0 leaves them out)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
            if os.environ.get("DEMO") != "0" and "demo" in get_commands():
                self._create_demo()
        except DatabaseError as error:
            raise CommandError(
                f"The database cannot be used ({error}): restore a backup or move it away."
            ) from None

    def _create_demo(self) -> None:
        if get_user_model().objects.exists():
            return
        said = io.StringIO()
        call_command("demo", stdout=said)
        # The supervisor shows this at every start.
        (settings.VAR_DIR / DEMO_ACCOUNTS_NAME).write_text(said.getvalue())
