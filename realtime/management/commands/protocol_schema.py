"""`manage.py protocol_schema`: the protocol as JSON Schema, or as the TypeScript types of the client library."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from realtime.protocol_schema import json_schema, typescript


class Command(BaseCommand):
    help = "Writes every frame, event and command as JSON Schema (default) or TypeScript to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--typescript", action="store_true", help="TypeScript instead of JSON Schema")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(typescript() if options["typescript"] else json_schema(), ending="")
