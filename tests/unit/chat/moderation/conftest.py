"""The room of these tests, and a list of words that no other test has filled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from accounts.models import User
from chat import sending
from chat.models import AuditEntry, Member
from chat.moderation import services
from chat.moderation.words import forget_words
from realtime import RealtimeError
from tests.support.people import client_id, make_room, make_user


@dataclass
class Club:
    """Ada owns the room, Max moderates it, Bo and Cy are members, Vera is a guest."""

    room: int
    owner: User
    moderator: User
    bo: User
    cy: User
    vera: User

    def say(self, author: User, text: str = "hi") -> int:
        sent = sending.message_send(author=author, room=self.room, text=text, client_id=client_id())
        return sent.message

    def code(self, author: User, text: str = "hi") -> str:
        """What becomes of a message: "sent", or the code of the error."""
        try:
            self.say(author, text)
        except RealtimeError as error:
            return error.wire_code
        return "sent"

    def member(self, user: User) -> Member:
        return Member.objects.select_related("room").get(room_id=self.room, user=user)

    def acts(self) -> list[tuple[str, str, str]]:
        """What was written down: who did what to whom."""
        rows = AuditEntry.objects.filter(room_id=self.room).order_by("pk")
        return list(rows.values_list("actor_name", "act", "person_name"))

    def rules(self, **rules: Any) -> None:
        usual = {"posting": None, "slow_mode_s": None, "retention_days": None, "default_retention": False}
        services.rules_change(user=self.owner, room=self.room, client_id=client_id(), **{**usual, **rules})


@pytest.fixture
def club() -> Club:
    names = ("ada", "max", "bo", "cy")
    ada, moderator, bo, cy = (make_user(name, display_name=name.capitalize()) for name in names)
    vera = make_user("vera", display_name="Vera", is_guest=True)
    room = make_room(ada, moderator, bo, cy, vera, name="Club")
    services.role_change(user=ada, room=room, member=moderator.pk, role="moderator", client_id=client_id())
    return Club(room, ada, moderator, bo, cy, vera)


@pytest.fixture
def staff() -> User:
    """Who may moderate everywhere."""
    user = make_user("stan", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="moderate"))
    return user


@pytest.fixture(autouse=True)
def _own_words() -> Iterator[None]:
    forget_words()
    yield
    forget_words()
