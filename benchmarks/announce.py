"""Run inside an installation (`python -m benchmarks.announce`): what the administrator's form does, to everybody, now.

Prints the time at which it began, in seconds since the epoch.
"""

from __future__ import annotations

import time
import uuid

import django


def announce() -> float:
    from accounts.models import User
    from notifications.audiences import Audience
    from notifications.broadcasts.writing import NewBroadcast, broadcast_create
    from notifications.nudge import nudge

    new = NewBroadcast(
        form_key=uuid.uuid4(),
        title="To everybody",
        text="All of you.",
        level="info",
        link="",
        audience=Audience(kind="everybody"),
    )
    administrator = User.objects.order_by("pk").first()
    nudge()  # a web process that has run for a while knows the broker
    began = time.time()
    broadcast_create(new, created_by=administrator)
    return began


if __name__ == "__main__":
    django.setup()
    print(announce())
