"""`manage.py announce`: stores broadcasts that become due one after the other, for proofs and scripts."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from notifications.audiences import Audience
from notifications.broadcasts.schedule import Schedule
from notifications.broadcasts.writing import NewBroadcast, broadcast_create


class Command(BaseCommand):
    help = "Stores broadcasts to everybody, or to people whose names begin alike; prints their ids as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("title")
        parser.add_argument("--to", default="", help="people whose names begin so; without it, everybody")
        parser.add_argument("--count", type=int, default=1, help="how many (default: %(default)s)")
        parser.add_argument("--after", type=float, help="seconds until the first is due; without it, now")
        parser.add_argument(
            "--every", type=float, default=1.0, help="seconds between two (default: %(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        audience = _audience(options["to"])
        now = timezone.now().replace(tzinfo=None)
        ids = []
        for number in range(options["count"]):
            after_s = options["after"]
            new = NewBroadcast(
                form_key=uuid.uuid4(),
                title=options["title"] if options["count"] == 1 else f"{options['title']} {number}",
                text="",
                level="info",
                link="",
                audience=audience,
                schedule=None
                if after_s is None
                else Schedule(start=now + timedelta(seconds=after_s + number * options["every"])),
            )
            ids.append(broadcast_create(new, created_by=None).pk)
        self.stdout.write(json.dumps(ids))


def _audience(prefix: str) -> Audience:
    if not prefix:
        return Audience(kind="everybody")
    people = get_user_model().objects.filter(username__startswith=prefix).order_by("pk")
    return Audience(kind="users", user_ids=tuple(people.values_list("pk", flat=True)))
