from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from chat import selectors
from chat.models import Member, Message, Room

pytestmark = pytest.mark.django_db


def demo() -> str:
    said = StringIO()
    call_command("demo", stdout=said)
    return said.getvalue()


def test_the_demo_prints_accounts_that_can_log_in() -> None:
    lines = [line.split() for line in demo().splitlines()]
    assert [line[0] for line in lines] == ["admin", "ada", "bo"]
    for username, password, _ in lines:
        assert Client().login(username=username, password=password)
    assert User.objects.get(username="admin").is_superuser


def test_the_demo_again_changes_nothing() -> None:
    def everything() -> list[list[object]]:
        return [list(model.objects.order_by("pk").values()) for model in (User, Room, Member, Message)]

    said = demo()
    before = everything()
    assert demo() == said
    assert everything() == before


def test_the_demo_has_rooms_with_history_and_something_unread() -> None:
    demo()
    ada = User.objects.get(username="ada")
    rooms = {room.name: room for room in selectors.rooms_of(ada.pk)}
    assert set(rooms) == {"Lobby", "Release", "On call", ""}
    assert all(room.last_message and room.last_number == room.last_message.number for room in rooms.values())
    assert rooms["Lobby"].last_number - rooms["Lobby"].read_number == 2
    page = selectors.messages_before(ada.pk, rooms["Lobby"].id, before=None, limit=200)
    assert page.has_more
    times = [item.created_at for item in page.items]
    assert times == sorted(times)
