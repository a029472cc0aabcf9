"""Commands that are written like messages."""

from __future__ import annotations

import pytest

from accounts.models import User
from chat.errors import NotRoomOwner, PersonNotFound, RoomNotFound
from chat.models import Member, Message, Room
from chat.slash import SlashCall, Whisper, services, slash_command
from chat.slash.errors import BadSlashCommand, UnknownSlashCommand
from chat.slash.payloads import SlashResult
from tests.support.people import client_id, make_room

pytestmark = pytest.mark.django_db


def run(user: User, room: int, text: str, *, key: str = "") -> SlashResult:
    return services.slash_run(user=user, room=room, text=text, client_id=key or client_id())


def last(room: int) -> str:
    return Message.objects.filter(room=room).latest("number").text


def test_what_a_command_returns_is_said_or_whispered_once(ada: User) -> None:
    room, used = make_room(ada), []

    @slash_command("count-me", description="Counts")
    def count(call: SlashCall) -> str:
        used.append(call.rest)
        return f"{call.user.username}: {call.rest}"

    @slash_command("psst", description="Whispers")
    def psst(call: SlashCall) -> Whisper:
        return Whisper(f"psst, {call.rest}")

    key = client_id()
    first, again = (run(ada, room, "/Count-Me  one two ", key=key) for _ in range(2))
    assert first == again
    assert (used, last(room), Message.objects.filter(room=room).count()) == (["one two"], "ada: one two", 1)
    assert run(ada, room, "/psst hey") == SlashResult("psst, hey", None)
    assert Message.objects.filter(room=room).count() == 1


def test_two_commands_of_one_name_are_a_mistake_of_the_app() -> None:
    @slash_command("twice", description="One")
    def one(call: SlashCall) -> None: ...

    with pytest.raises(ValueError, match="registered twice"):

        @slash_command("twice", description="Two")
        def two(call: SlashCall) -> None: ...

    with pytest.raises(ValueError, match="small letters"):
        slash_command("Not a name", description="")


def test_an_unknown_one_is_refused_with_the_nearest(ada: User, bo: User) -> None:
    room = make_room(ada)
    with pytest.raises(UnknownSlashCommand) as caught:
        run(ada, room, "/topik x")
    assert "/topic" in caught.value.sentence
    with pytest.raises(UnknownSlashCommand):
        run(ada, room, "/" + "z" * 5000)
    with pytest.raises(RoomNotFound):
        run(bo, room, "/help")


def test_two_slashes_send_the_text_as_it_is(ada: User) -> None:
    room = make_room(ada)
    run(ada, room, "//help is a command")
    assert last(room) == "/help is a command"


def test_help_lists_all(ada: User) -> None:
    listed = run(ada, make_room(ada), "/help").whisper
    assert {line.split()[0].rstrip(":") for line in listed.splitlines()} >= {
        "/help",
        "/me",
        "/topic",
        "/invite",
    }
    assert [one.name for one in services.commands()] == sorted(one.name for one in services.commands())


def test_me_speaks_of_oneself(ada: User) -> None:
    room = make_room(ada)
    run(ada, room, "/me waves")
    assert last(room) == f"*{ada.get_full_name()} waves*"
    with pytest.raises(BadSlashCommand):
        run(ada, room, "/me")


def test_topic_invite_and_leave_do_what_their_services_allow(ada: User, bo: User, cy: User) -> None:
    room = make_room(ada, bo)
    run(ada, room, "/topic Lunch")
    assert Room.objects.get(pk=room).topic == "Lunch"
    with pytest.raises(NotRoomOwner):
        run(bo, room, "/topic Dinner")
    run(bo, room, f"/invite @{cy.username}")
    assert Member.objects.filter(room=room, user=cy).exists()
    with pytest.raises(PersonNotFound):
        run(bo, room, "/invite nobody-of-that-name")
    run(bo, room, "/leave")
    assert not Member.objects.filter(room=room, user=bo).exists()
