"""`manage.py doctor`: examines a running installation from end to end, a line for each thing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from realtime import conf
from realtime.doctor import registry
from realtime.doctor.registry import Finding, Site

WORDS = {"ok": "OK", "warning": "WARNING", "wrong": "WRONG"}


class Command(BaseCommand):
    help = "Says what is wrong with this installation and how to mend it. Ends with status 1 when something is wrong."
    # They are among what is examined.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("only", nargs="*", help="examine these only; `list` shows which there are")
        parser.add_argument(
            "--url", help="the address that browsers open (default: the first of REALTIME_ORIGINS)"
        )
        parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        known = registry.names()
        if options["only"] == ["list"]:
            self.stdout.write("\n".join(known))
            return
        if unknown := set(options["only"]) - set(known):
            raise CommandError(f"There is no {', '.join(sorted(unknown))}. Examinations: {', '.join(known)}.")
        found = []
        for finding in registry.run(_site(options["url"]), options["only"]):
            found.append(finding)
            if not options["json"]:
                self._say(finding)
        wrong = sum(finding.level == "wrong" for finding in found)
        if options["json"]:
            document = {"ok": not wrong, "findings": [asdict(finding) for finding in found]}
            self.stdout.write(json.dumps(document, indent=2))
        if wrong:
            raise CommandError(f"{wrong} of {len(found)} lines are wrong.", returncode=1)

    def _say(self, finding: Finding) -> None:
        style = {"ok": self.style.SUCCESS, "warning": self.style.WARNING, "wrong": self.style.ERROR}
        line = f"{WORDS[finding.level]:<8}{finding.check:<10}{finding.text}"
        self.stdout.write(style[finding.level](line) + (f" -> {finding.mend}" if finding.mend else ""))
        self.stdout.flush()


def _site(url: str | None) -> Site:
    origins = conf.get("ORIGINS")
    origin = (url or origins[0]).rstrip("/")
    return Site(url=origin, origin=origin if origin in origins or url is None else origins[0])
