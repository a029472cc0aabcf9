"""A whole installation for the browser tests, with the demo in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from realtime.testing.stack import BASE, Databases, Stack, running_stack
from tests.support.push_service import PRIVATE_KEY

# A server keeps the listed words for a while, so this one is there before it starts.
HELD_WORD = "quarantine"
PREPARE = f"""
from django.core.management import call_command
from accounts.models import User
from chat.models import ListedWord
call_command("demo")
User.objects.create_superuser("iris", password="carillon-iris", display_name="Iris Second")
ListedWord.objects.create(word="{HELD_WORD}", action="hold")
"""


@contextmanager
def running_site(databases: Databases, directory: Path) -> Iterator[Stack]:
    """Redis and one server process, with the demo accounts and rooms and a second administrator."""
    shutil.copytree(BASE / "frontend" / "app" / "dist", directory / "dist")
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.e2e.settings",
        "E2E_FRONTEND_DIST": str(directory / "dist"),
        "STATIC_ROOT": str(directory / "static-root"),
        "WEB_PUSH_PRIVATE_KEY": PRIVATE_KEY,
        "OUTBOUND_ALLOW": "127.0.0.0/8",
    }
    with running_stack(directory, database_url=databases.fresh(), environment=environment) as stack:
        stack.manage("collectstatic", "--noinput")
        stack.manage("shell", "--no-imports", "-c", PREPARE)
        stack.start_web()
        yield stack
        for name in list(stack.running):
            stack.kill(name)
