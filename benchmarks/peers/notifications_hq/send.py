"""django-notifications-hq as its README has it: `python send.py DATABASE_URL USERS` prints the seconds of one
`notify.send` to all users, and the rows that it stored.

Run as a script, so that `notifications` is that package and not our app of the same name.
"""

from __future__ import annotations

import sys
import time

import django
from django.conf import settings
from environs import Env

APPS = ["django.contrib.contenttypes", "django.contrib.auth", "notifications"]


def configure(database_url: str) -> None:
    env = Env()
    settings.configure(
        INSTALLED_APPS=APPS,
        DATABASES={"default": env.dj_db_url("DATABASE_URL", database_url)},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DJANGO_NOTIFICATIONS_CONFIG={"USE_JSONFIELD": False},
        USE_TZ=True,
    )
    django.setup()


def send_to_all(users: int) -> tuple[float, int]:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from notifications.signals import notify

    from notifications.models import Notification

    call_command("migrate", verbosity=0)
    User.objects.bulk_create([User(username=f"person{i}") for i in range(users)], batch_size=1_000)
    sender = User.objects.earliest("pk")
    began = time.perf_counter()
    notify.send(sender, recipient=User.objects.all(), verb="announced", description="All of you.")
    return time.perf_counter() - began, Notification.objects.count()


if __name__ == "__main__":
    configure(sys.argv[1])
    print(*send_to_all(int(sys.argv[2])))
