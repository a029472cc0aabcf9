"""`manage.py new_epoch`: after a database was restored from a backup, so that no client resumes a stale cursor."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from realtime.log.models import Log, Stream, new_epoch


class Command(BaseCommand):
    help = "Gives all streams a new epoch: every client then fetches a snapshot. Run it after restoring a backup."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        epoch = new_epoch()
        Log.objects.update_or_create(id=Log.ONLY, defaults={"epoch": epoch})
        streams = Stream.objects.update(epoch=epoch)
        self.stdout.write(f"{streams} streams begin epoch {epoch}. Restart the web processes now.")
