"""`manage.py task_keys FOLDER`: a key pair for signed task messages, and the variables that use it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from realtime.workers.keys import STORE_NAME, make_pair


class Command(BaseCommand):
    help = "Makes the key and the certificate with which task messages are signed, and says which variables use them."
    # They may be what a check misses.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="made when it is missing; nobody else should read it")
        parser.add_argument("--name", default="carillon", help="who signs (default: %(default)s)")
        parser.add_argument(
            "--days", type=int, default=1095, help="valid for so many days (default: %(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"].absolute()
        try:
            key, certificate = make_pair(folder, name=options["name"], days=options["days"])
        except FileExistsError as error:
            raise CommandError(
                f"{error.filename} exists: choose another folder, or move the old key away."
            ) from None
        except OSError as error:
            raise CommandError(f"Cannot write to {folder} ({error.strerror}).") from None
        self.stdout.write(
            f"CELERY_SECURITY_KEY={key}\n"
            f"CELERY_SECURITY_CERTIFICATE={certificate}\n"
            f"CELERY_SECURITY_CERT_STORE={folder / STORE_NAME}"
        )
