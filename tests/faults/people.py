"""Run inside an installation (`python -m tests.faults.people`): makes people and rooms, prints them as JSON."""

import json
import os
import sys

import django

PEOPLE = 100
ROOMS = 24
MEMBERS = 6


def make() -> dict[str, object]:
    from accounts.models import User
    from accounts.services import token_issue
    from tests.support.people import make_room

    people = [User.objects.create_user(f"person{index}", password=None) for index in range(PEOPLE)]
    members = people[:MEMBERS]
    rooms = [make_room(members[0], *members[1:]) for _ in range(ROOMS)]
    return {
        "rooms": rooms,
        "people": [
            {
                "id": person.pk,
                "name": person.username,
                "token": token_issue(person, device_name="phone").access if person in members else "",
            }
            for person in people
        ],
    }


if __name__ == "__main__":
    django.setup()
    json.dump(make(), sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # the layer's threads have nothing more to say
