"""Run inside an installation: stores a broadcast to everybody by name, due now; prints its id."""

import os
import sys
import uuid

import django


def store(title: str) -> int:
    from accounts.models import User
    from notifications.broadcasts import Audience, NewBroadcast, broadcast_create

    people = tuple(User.objects.order_by("pk").values_list("pk", flat=True))
    new = NewBroadcast(
        form_key=uuid.uuid4(),
        title=title,
        text="",
        level="info",
        link="",
        audience=Audience(kind="users", user_ids=people),
    )
    return broadcast_create(new, created_by=None).pk


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(str(store(sys.argv[1])))
    sys.stdout.flush()
    os._exit(0)  # the layer's threads have nothing more to say
