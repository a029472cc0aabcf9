"""Run inside an installation (`python -m benchmarks.people USERS ROOMS FAMILIES SPEAKERS`): makes a crowd.

Everything is inserted in bulk; an access token per user goes to standard output, one a line. User number `i` has the
id `1<i>`, and is a member of the rooms `<family><i mod ROOMS>`, families counting from 1: templates can then write
`user:1{i}` and `room:1{room}`. The speakers are numbered on, and are members of every room of the first family.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta

import django

BATCH = 1_000


def make(users: int, rooms: int, families: int, speakers: int) -> list[str]:
    from django.contrib.auth.hashers import make_password
    from django.utils import timezone

    from accounts.models import Device, User
    from accounts.tokens import REFRESH_LIFETIME_S, access_token
    from chat.models import Member, Room

    people = [
        User(pk=int(f"1{i}"), username=f"person{i}", display_name=f"Person {i}", password=make_password(None))
        for i in range(users + speakers)
    ]
    User.objects.bulk_create(people, BATCH)
    expires_at = timezone.now() + timedelta(seconds=REFRESH_LIFETIME_S)
    devices = [
        Device(
            pk=person.pk,
            user=person,
            kind=Device.Kind.TOKEN,
            name="Load",
            credentials_version=person.credentials_version,
            expires_at=expires_at,
        )
        for person in people
    ]
    Device.objects.bulk_create(devices, BATCH)
    Room.objects.bulk_create(
        [
            Room(
                pk=int(f"{family}{room}"),
                kind=Room.Kind.PRIVATE,
                name=f"Room {family}.{room}",
                member_count=len(range(room, users, rooms)) + (speakers if family == 1 else 0),
            )
            for family in range(1, families + 1)
            for room in range(rooms)
        ],
        BATCH,
    )
    Member.objects.bulk_create(
        [
            Member(room_id=int(f"{family}{i % rooms}"), user=person)
            for family in range(1, families + 1)
            for i, person in enumerate(people[:users])
        ]
        + [
            Member(room_id=int(f"1{room}"), user=person) for room in range(rooms) for person in people[users:]
        ],
        BATCH,
    )
    return [
        access_token(user_id=device.user_id, device_id=device.pk, version=device.credentials_version)
        for device in devices
    ]


if __name__ == "__main__":
    django.setup()
    sys.stdout.write("\n".join(make(*map(int, sys.argv[1:]))))
    sys.stdout.flush()
    os._exit(0)  # the layer's threads have nothing more to say
