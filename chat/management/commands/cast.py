"""`manage.py cast`: people with tokens and rooms that they share, as JSON on standard output, for `manage.py prove`.

Again with the same numbers gives the same people and rooms, with new tokens. They have no passwords.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.models import User
from accounts.services import token_issue
from chat import services


class Command(BaseCommand):
    help = "Makes people and private rooms for a proof and prints their ids and tokens as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=24, help="with tokens (default: %(default)s)")
        parser.add_argument("--audience", type=int, default=0, help="more people, without tokens")
        parser.add_argument("--rooms", type=int, default=8, help="(default: %(default)s)")
        parser.add_argument("--members", type=int, default=6, help="per room (default: %(default)s)")
        parser.add_argument(
            "--name", default="proof", help="what their names begin with (default: %(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        prefix = options["name"]
        people = [_person(f"{prefix}-{number}") for number in range(options["people"] + options["audience"])]
        speakers = people[: options["people"]]
        size = min(options["members"], len(speakers))
        rooms = []
        for number in range(options["rooms"]):
            members = [speakers[(number * size + offset) % len(speakers)] for offset in range(size)]
            rooms.append({"id": _room(f"{prefix} {number}", members), "members": [one.pk for one in members]})
        self.stdout.write(
            json.dumps({"people": [_told(one, one in speakers) for one in people], "rooms": rooms})
        )


def _person(username: str) -> User:
    found = User.objects.filter(username=username).first()
    return found or User.objects.create_user(username, password=None)


def _room(name: str, members: list[User]) -> int:
    """The client_ids are the names, so that doing it again finds what is there."""
    owner, slug = members[0], name.replace(" ", "-")
    room = services.room_create(
        user=owner, kind="private", name=name, topic="", client_id=f"{slug}-room"
    ).room.id
    for member in members[1:]:
        services.room_invite(user=owner, room=room, invited=member.pk, client_id=f"{slug}-{member.pk}")
    return room


def _told(person: User, with_token: bool) -> dict[str, Any]:
    token = token_issue(person, device_name="proof").access if with_token else ""
    return {"id": person.pk, "name": person.username, "token": token}
