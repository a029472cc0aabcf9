"""`manage.py demo`: an administrator, two members and rooms with history, to look around in. Again changes nothing.

The passwords are known to everybody: never on an installation that others can reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chat.models import Member, Message, Room
from chat.text import name_key

ACCOUNTS = (
    ("admin", "Ines Admin", "carillon-admin"),
    ("ada", "Ada Lovelace", "carillon-ada"),
    ("bo", "Bo Diddley", "carillon-bo"),
)
# They wrote some of the history and cannot log in.
AUTHORS = (("cleo", "Cleo"), ("dev", "Dev"), ("emil", "Emil"), ("farah", "Farah"))

LOBBY = (
    ("cleo", "Good morning, everybody."),
    ("ada", "Morning! Did the night run finish?"),
    ("dev", "It did, a little after three. Twelve thousand events, none missing."),
    ("bo", "That is the first green one this week."),
    ("emil", "I only looked at the dashboard so far. The reconnects are flat."),
    ("farah", "Flat is good. Last week they were a comb."),
    ("ada", "The jitter did it. Everybody used to come back in the same second."),
    ("cleo", "Can somebody write that down before we forget why?"),
    ("dev", "I will. One page, with the graph."),
    ("bo", "Coffee first?"),
    ("farah", "Always."),
    ("emil", "I am in the train until ten, so my answers will come in lumps."),
    ("ada", "No hurry. They will still be in order."),
    ("cleo", "Lunch at one?"),
    ("dev", "Lunch at one."),
)
RELEASE = (
    ("dev", "The branch is cut. From here on only fixes."),
    ("admin", "Thank you. I have the announcement ready; it goes out when the packages are up."),
    ("ada", "Two things left: the migration on a big table, and the upgrade notes."),
    ("farah", "I tried the migration on a copy: forty seconds, no lock longer than a blink."),
    ("bo", "Upgrade notes are in review. Could somebody read them who has never upgraded before?"),
    ("cleo", "That would be me."),
    ("cleo", "Read them. Step 3 assumes that I know where the old key is. I did not."),
    ("bo", "Good catch. Fixed."),
    ("ada", "Then we are done from my side."),
    ("admin", "Tomorrow at ten, then. I will be at the desk."),
)
ON_CALL = (
    ("admin", "Handing over: nothing open, one warning acknowledged."),
    ("ada", "Which one?"),
    ("admin", "Disk on the second database, 70 %. It grows one per cent a week."),
    ("ada", "Then I will look at it on Monday, and not at night."),
)
DIRECT = (
    ("ada", "Do you have ten minutes this afternoon?"),
    ("bo", "After three, yes. About the talk?"),
    ("ada", "Yes. I have too many slides and no ending."),
    ("bo", "Endings are my speciality. Bring the middle too."),
)
# A longer past for the lobby, so that there is something to scroll to.
SMALL_TALK = (
    "Is the meeting room free?",
    "It is, until noon.",
    "Lunch at half past twelve?",
    "The build is green again.",
    "I pushed the fix, please pull.",
    "Nice, that was quick.",
    "Who has the adapter for the projector?",
    "Second drawer, as always.",
    "See you tomorrow!",
    "Good night.",
)
SMALL_TALK_MESSAGES = 240
MINUTES_BETWEEN = 7

Line = tuple[str, str]


class Command(BaseCommand):
    help = "Makes demo accounts and rooms with history, if they are not there, and prints how to log in."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            users = _users()
            _rooms(users)
        for username, _, password in ACCOUNTS:
            role = "administrator" if username == "admin" else "member"
            self.stdout.write(f"{username:<6} {password:<15} {role}")


def _users() -> dict[str, User]:
    """The demo's people by user name, the administrator first."""
    people = (*ACCOUNTS, *((username, display_name, None) for username, display_name in AUTHORS))
    known = {user.username_key for user in User.objects.filter(username_key__in=[one[0] for one in people])}
    User.objects.bulk_create(
        User(
            username=username,
            display_name=display_name,
            password=make_password(password),
            is_staff=username == "admin",
            is_superuser=username == "admin",
        )
        for username, display_name, password in people
        if username not in known
    )
    return {username: User.objects.get_by_natural_key(username) for username, *_ in people}


def _rooms(users: dict[str, User]) -> None:
    everybody = list(users.values())
    team = [users["admin"], users["ada"], users["bo"]]
    a, b = sorted((users["ada"].pk, users["bo"].pk))
    lobby = Room(kind=Room.Kind.PUBLIC, name="Lobby", topic="For everybody")
    release = Room(kind=Room.Kind.PUBLIC, name="Release", topic="What ships, and when")
    on_call = Room(kind=Room.Kind.PRIVATE, name="On call", topic="Handovers")
    direct = Room(kind=Room.Kind.DIRECT, direct_key=f"{a}:{b}")
    _fill(lobby, everybody, [*_small_talk(), *LOBBY])
    _fill(release, everybody, RELEASE)
    _fill(on_call, team[:2], ON_CALL)
    _fill(direct, team[1:], DIRECT)


def _read_number(user: User, lines: Sequence[Line]) -> int:
    """For the members up to two unread ones, so that the room list shows what it can do; own ones are read."""
    if user.username not in ("ada", "bo"):
        return len(lines)
    own = [number for number, (author, _) in enumerate(lines, start=1) if author == user.username]
    return max(len(lines) - 2, *own, 0)


def _small_talk() -> list[Line]:
    speakers = ("cleo", "dev", "ada", "emil", "farah", "bo")
    return [
        (speakers[turn * 5 // 3 % len(speakers)], SMALL_TALK[turn % len(SMALL_TALK)])
        for turn in range(SMALL_TALK_MESSAGES)
    ]


def _fill(room: Room, people: list[User], lines: Sequence[Line]) -> None:
    """Stores a room whose past is `lines`, the last one an hour ago. The past has no events: nobody was connected."""
    if room.kind == Room.Kind.PUBLIC:
        room.name_key = name_key(room.name)
    if _exists(room, people[0]):
        return
    room.last_number, room.member_count = len(lines), len(people)
    room.save()
    owner = people[0] if room.kind != Room.Kind.DIRECT else None
    Member.objects.bulk_create(
        Member(
            room=room,
            user=user,
            role=Member.Role.OWNER if user is owner else Member.Role.MEMBER,
            read_number=_read_number(user, lines),
        )
        for user in people
    )
    by_name = {user.username: user for user in people}
    Message.objects.bulk_create(
        Message(
            room=room,
            number=number,
            seq=0,
            author=by_name[author],
            text=text,
            client_id=f"demo-{room.pk}-{number}",
            created_at=_moment(number - len(lines)),
        )
        for number, (author, text) in enumerate(lines, start=1)
    )


def _exists(room: Room, owner: User) -> bool:
    if room.direct_key or room.name_key:
        return Room.objects.filter(direct_key=room.direct_key, name_key=room.name_key).exists()
    return Member.objects.filter(room__name=room.name, room__kind=room.kind, user=owner).exists()


def _moment(steps: int) -> datetime:
    return timezone.now() - timedelta(hours=1) + timedelta(minutes=MINUTES_BETWEEN * steps)
