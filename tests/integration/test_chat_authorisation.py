"""Who may do what: every command and every route of chat and accounts, for everybody. A new one without a row fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.test import Client

from accounts.models import User
from chat import sending
from realtime import Call, Context, RealtimeError
from realtime.registry import registry
from realtime.urls import api
from tests.support.people import client_id, make_direct, make_room, make_user

pytestmark = pytest.mark.django_db

ROLES = ("outsider", "member", "owner")


class World:
    """The owner has a private room with the member; the outsider has nothing there. `target` is another member."""

    def __init__(self) -> None:
        self.owner, self.member, self.outsider = make_user("olga"), make_user("mia"), make_user("otto")
        self.target = make_user("tim")
        self.guest = make_user("gus")
        self.room = make_room(self.owner, self.member, self.target)
        self.public = make_room(self.owner, self.member, kind="public")
        self.direct = make_direct(self.owner, self.member)
        self.message = sending.message_send(
            author=self.member, room=self.room, text="hi", client_id=client_id()
        ).message

    def user(self, role: str) -> User:
        user: User = getattr(self, role)
        return user


# Command -> (arguments, what outsider, member and owner get).
COMMANDS: dict[str, tuple[Callable[[World], dict[str, Any]], tuple[str, str, str]]] = {
    "chat.message_send": (lambda w: {"room": w.room, "text": "x"}, ("not_found", "ok", "ok")),
    "chat.message_edit": (lambda w: {"message": w.message, "text": "x"}, ("not_found", "ok", "not_author")),
    "chat.message_delete": (lambda w: {"message": w.message}, ("not_found", "ok", "ok")),
    "chat.room_create": (lambda w: {"kind": "private", "name": "x"}, ("ok", "ok", "ok")),
    "chat.room_change": (lambda w: {"room": w.room, "topic": "x"}, ("not_found", "not_owner", "ok")),
    "chat.direct_open": (lambda w: {"user": w.target.pk}, ("ok", "ok", "ok")),
    "chat.room_join": (lambda w: {"room": w.room}, ("not_found", "ok", "ok")),
    "chat.room_leave": (lambda w: {"room": w.room}, ("not_found", "ok", "ok")),
    "chat.room_invite": (lambda w: {"room": w.room, "user": w.guest.pk}, ("not_found", "ok", "ok")),
    "chat.room_kick": (lambda w: {"room": w.room, "user": w.target.pk}, ("not_found", "not_owner", "ok")),
    "chat.room_read": (lambda w: {"room": w.room, "number": 1}, ("not_found", "ok", "ok")),
    "chat.typing": (lambda w: {"room": w.room}, ("not_found", "ok", "ok")),
}

# Route -> (path, body, what outsider, member and owner get). Accounts' routes do not know rooms.
ROUTES: dict[str, tuple[Callable[[World], tuple[str, dict[str, Any] | None]], tuple[int, int, int]]] = {
    "GET /api/snapshot": (lambda w: ("/api/snapshot", None), (200, 200, 200)),
    "GET /api/rooms": (lambda w: ("/api/rooms", None), (200, 200, 200)),
    "GET /api/rooms/public": (lambda w: ("/api/rooms/public", None), (200, 200, 200)),
    "POST /api/rooms": (lambda w: ("/api/rooms", {"kind": "private", "name": "x"}), (200, 200, 200)),
    "POST /api/rooms/direct": (lambda w: ("/api/rooms/direct", {"user": w.target.pk}), (200, 200, 200)),
    "PATCH /api/rooms/{room_id}": (lambda w: (f"/api/rooms/{w.room}", {"topic": "x"}), (404, 403, 200)),
    "GET /api/rooms/{room_id}/members": (lambda w: (f"/api/rooms/{w.room}/members", None), (404, 200, 200)),
    "POST /api/rooms/{room_id}/join": (lambda w: (f"/api/rooms/{w.room}/join", {}), (404, 200, 200)),
    "POST /api/rooms/{room_id}/leave": (lambda w: (f"/api/rooms/{w.room}/leave", {}), (404, 200, 200)),
    "POST /api/rooms/{room_id}/invite": (
        lambda w: (f"/api/rooms/{w.room}/invite", {"user": w.guest.pk}),
        (404, 200, 200),
    ),
    "POST /api/rooms/{room_id}/kick": (
        lambda w: (f"/api/rooms/{w.room}/kick", {"user": w.target.pk}),
        (404, 403, 200),
    ),
    "POST /api/rooms/{room_id}/read": (
        lambda w: (f"/api/rooms/{w.room}/read", {"number": 1}),
        (404, 200, 200),
    ),
    "GET /api/rooms/{room_id}/messages": (lambda w: (f"/api/rooms/{w.room}/messages", None), (404, 200, 200)),
    "POST /api/rooms/{room_id}/messages": (
        lambda w: (f"/api/rooms/{w.room}/messages", {"text": "x"}),
        (404, 200, 200),
    ),
    "PATCH /api/messages/{message_id}": (
        lambda w: (f"/api/messages/{w.message}", {"text": "x"}),
        (404, 200, 403),
    ),
    "DELETE /api/messages/{message_id}": (
        lambda w: (f"/api/messages/{w.message}?client_id={client_id()}", None),
        (404, 200, 200),
    ),
    "GET /api/devices": (lambda w: ("/api/devices", None), (200, 200, 200)),
    "DELETE /api/devices/{device_id}": (lambda w: ("/api/devices/999999", None), (404, 404, 404)),
    "GET /api/users": (lambda w: ("/api/users", None), (200, 200, 200)),
    "POST /api/auth/password": (
        lambda w: ("/api/auth/password", {"old_password": "x", "new_password": "y"}),
        (403, 403, 403),
    ),
}

OPEN = {
    "GET /api/session",
    "POST /api/auth/signup",
    "POST /api/auth/login",
    "POST /api/auth/logout",
    "POST /api/auth/token",
    "POST /api/auth/token/refresh",
    "POST /api/auth/token/revoke",
}


def api_routes() -> set[str]:
    """The routes of accounts and chat as the API's own document lists them."""
    paths = api.get_openapi_schema()["paths"]
    return {
        f"{method.upper()} {path}"
        for path, operations in paths.items()
        for method, operation in operations.items()
        if {"accounts", "chat"} & set(operation.get("tags", []))
    }


def call(name: str, user: User, args: dict[str, Any]) -> None:
    """Runs a command as the gateway would. Raises its error."""
    known = registry.command(name)
    context = Context(user_id=user.pk, user=user, session="s")
    decoded = msgspec.convert({"client_id": client_id()} | args, known.args)
    outcome = known.handler([Call(context, decoded)])[0] if known.batched else known.handler(context, decoded)
    if isinstance(outcome, RealtimeError):
        raise outcome


def code_of(name: str, user: User, args: dict[str, Any]) -> str:
    """The error's code, or "ok"."""
    try:
        call(name, user, args)
    except RealtimeError as error:
        return error.wire_code
    return "ok"


def request(client: Client, route: str, path: str, body: dict[str, Any] | None) -> Any:
    method = route.split()[0]
    payload = "" if body is None else json.dumps({"client_id": client_id()} | body)
    return client.generic(method, path, payload, content_type="application/json")


def test_every_command_has_a_row() -> None:
    assert set(COMMANDS) == {name for name in registry.commands if name.startswith("chat.")}


def test_every_route_has_a_row() -> None:
    assert set(ROUTES) | OPEN == api_routes()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_answers_each_role_as_the_table_says(name: str, role: str) -> None:
    world = World()
    args, expected = COMMANDS[name]
    assert code_of(name, world.user(role), args(world)) == expected[ROLES.index(role)]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", ROUTES)
def test_a_route_answers_each_role_as_the_table_says(route: str, role: str) -> None:
    world = World()
    target, expected = ROUTES[route]
    client = Client()
    client.force_login(world.user(role))
    answer = request(client, route, *target(world))
    assert answer.status_code == expected[ROLES.index(role)], answer.content


@pytest.mark.parametrize("route", ROUTES)
def test_every_closed_route_asks_anonymous_people_to_log_in(route: str) -> None:
    answer = request(Client(), route, *ROUTES[route][0](World()))
    assert (answer.status_code, answer.json()["code"]) == (401, "auth_required")


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.startswith("GET")])
def test_every_route_that_writes_refuses_a_session_without_the_csrf_token(route: str) -> None:
    world = World()
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.owner)
    answer = request(client, route, *ROUTES[route][0](world))
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


@pytest.mark.parametrize(
    "name", [name for name, (_, expected) in COMMANDS.items() if expected[0] == "not_found"]
)
def test_not_there_and_not_yours_are_the_same_answer(name: str) -> None:
    world = World()
    args = COMMANDS[name][0](world)
    absent = args | {key: 999_999 for key in ("room", "message") if key in args}
    errors = []
    for given in (args, absent):
        with pytest.raises(RealtimeError) as caught:
            call(name, world.outsider, given)
        errors.append(caught.value.as_dict())
    assert errors[0] == errors[1]
