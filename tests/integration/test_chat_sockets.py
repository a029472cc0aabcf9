"""Chat over real sockets, on two server processes: what people see, and what they see no longer."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest

from realtime.testing.client import CallFailed, Client
from realtime.testing.stack import Databases, Stack, running_stack
from tests.support.people import PASSWORD, client_id
from tests.support.services import Services

WITHIN_S = 1.0
_names = count(1)


@pytest.fixture(scope="module")
def town(services: Services, databases: Databases) -> Iterator[Stack]:
    """Two server processes with the demo's accounts; every test brings people of its own."""
    directory = Path(tempfile.mkdtemp(prefix="town-", dir=services.directory))
    # TESTING: passwords are hashed in no time.
    with running_stack(directory, database_url=databases.fresh(), environment={"TESTING": "1"}) as stack:
        stack.start_web("one")
        stack.start_web("two")
        stack.manage("demo")
        yield stack


class Person:
    """Somebody with a browser on one of the servers."""

    def __init__(self, stack: Stack, server: str, username: str = "", password: str = PASSWORD) -> None:
        self.server = server
        self.username = username or f"person{next(_names)}"
        # No connection is kept, so none is left open when the test ends.
        self.http = httpx2.Client(
            base_url=stack.url(server),
            trust_env=False,
            timeout=30,
            limits=httpx2.Limits(max_keepalive_connections=0),
        )
        self.http.get("/api/session")
        path = "login" if username else "signup"
        self.me = self.post(f"/api/auth/{path}", username=self.username, password=password)["user"]

    @property
    def id(self) -> int:
        user_id: int = self.me["id"]
        return user_id

    def send(self, method: str, path: str, body: Any) -> httpx2.Response:
        token = self.http.cookies["csrftoken"]
        headers = {"X-CSRFToken": token, "Origin": str(self.http.base_url).rstrip("/")}
        return self.http.request(method, path, json=body, headers=headers)

    def post(self, path: str, **body: Any) -> Any:
        answer = self.send("POST", path, {"client_id": client_id()} | body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def socket(self, *streams: str) -> Client:
        cookie = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        base = str(self.http.base_url).rstrip("/")
        return Client(base.replace("http", "ws", 1) + "/ws", cookie=cookie, origin=base, streams=streams)


class Meeting:
    """A private room of Ada (on server one), Bo and Cy (on server two), all with open sockets."""

    def __init__(self, stack: Stack) -> None:
        self.ada, self.bo, self.cy = Person(stack, "one"), Person(stack, "two"), Person(stack, "two")
        self.room: int = self.ada.post("/api/rooms", kind="private", name="Meeting")["room"]["id"]
        for guest in (self.bo, self.cy):
            self.ada.post(f"/api/rooms/{self.room}/invite", user=guest.id)
        self.stream = f"room:{self.room}"

    async def open(self, sockets: AsyncExitStack) -> list[Client]:
        return [
            await sockets.enter_async_context(one.socket(self.stream, f"user:{one.id}"))
            for one in (self.ada, self.bo, self.cy)
        ]


async def test_people_on_two_servers_talk_both_ways(town: Stack) -> None:
    meeting = Meeting(town)
    async with AsyncExitStack() as sockets:
        ada, bo, _ = await meeting.open(sockets)
        sent = await ada.call("chat.message_send", room=meeting.room, text="hello")
        heard = await bo.next_event("chat.message_created")
        assert heard["seq"] == sent["seq"]
        assert heard["data"]["message"]["text"] == "hello"
        assert heard["data"]["message"]["id"] == sent["message"]

        await bo.call("chat.message_send", room=meeting.room, text="hello yourself")
        own = await ada.next_event("chat.message_created")
        answer = await ada.next_event("chat.message_created")
        assert [own["seq"], answer["seq"]] == [sent["seq"], sent["seq"] + 1]
        page = meeting.ada.http.get(f"/api/rooms/{meeting.room}/messages").json()
        assert page["items"] == [own["data"]["message"], answer["data"]["message"]]


async def test_a_send_repeated_on_another_server_is_the_first_one(town: Stack) -> None:
    ada = Person(town, "one")
    again = Person(town, "two", ada.username)
    room = ada.post("/api/rooms", kind="private", name="Notes")["room"]["id"]
    async with ada.socket() as one, again.socket(f"room:{room}") as two:
        first = await one.call("chat.message_send", room=room, text="x", client_id="same")
        second = await two.call("chat.message_send", room=room, text="x", client_id="same")
        assert second == first | {"duplicate": True}
        await one.call("chat.message_send", room=room, text="y")
        texts = [(await two.next_event("chat.message_created"))["data"]["message"]["text"] for _ in range(2)]
        assert texts == ["x", "y"]


async def test_typing_is_seen_and_not_stored(town: Stack) -> None:
    meeting = Meeting(town)
    async with AsyncExitStack() as sockets:
        ada, bo, _ = await meeting.open(sockets)
        await ada.call("chat.typing", room=meeting.room)
        event = await bo.next_event("chat.typing")
        assert event["data"] == {"room": meeting.room, "user": meeting.ada.id}
        assert "seq" not in event


async def test_a_read_mark_reaches_the_users_other_devices_only(town: Stack) -> None:
    meeting = Meeting(town)
    elsewhere = Person(town, "one", meeting.bo.username)
    async with AsyncExitStack() as sockets:
        ada, bo, _ = await meeting.open(sockets)
        phone = await sockets.enter_async_context(elsewhere.socket(f"user:{elsewhere.id}"))
        await ada.call("chat.message_send", room=meeting.room, text="read me")
        await bo.call("chat.room_read", room=meeting.room, number=1)
        mark = await phone.next_event("chat.room_read")
        assert mark["data"] == {"room": meeting.room, "number": 1, "hidden": 0}
        await ada.call("chat.message_send", room=meeting.room, text="more")
        assert not [event for event in ada.events if event["name"] == "chat.room_read"]


async def test_who_is_invited_can_follow_from_the_cursor_in_the_event(town: Stack) -> None:
    meeting = Meeting(town)
    guest = Person(town, "two")
    async with AsyncExitStack() as sockets:
        ada, _, _ = await meeting.open(sockets)
        new = await sockets.enter_async_context(guest.socket(f"user:{guest.id}"))
        await ada.call("chat.room_invite", room=meeting.room, user=guest.id)
        added = (await new.next_event("chat.room_added"))["data"]
        await ada.call("chat.message_send", room=meeting.room, text="welcome")
        await new.subscribe(meeting.stream, added["cursor"])
        assert (await new.next_event("chat.message_created"))["data"]["message"]["text"] == "welcome"


async def test_who_is_kicked_receives_nothing_more_on_another_server(town: Stack) -> None:
    meeting = Meeting(town)
    async with AsyncExitStack() as sockets:
        ada, bo, cy = await meeting.open(sockets)
        await ada.call("chat.room_kick", room=meeting.room, user=meeting.bo.id)
        started = time.monotonic()
        await bo.next_event("chat.room_removed")
        assert time.monotonic() - started < WITHIN_S
        await ada.call("chat.message_send", room=meeting.room, text="he is gone")
        # Cy is on Bo's server: what Cy has, Bo would have.
        await cy.next_event("chat.message_created")
        with pytest.raises(CallFailed) as caught:
            await bo.call("chat.message_send", room=meeting.room, text="am I?")
        assert caught.value.code == "not_found"
        with pytest.raises(CallFailed) as caught:
            await bo.subscribe(meeting.stream)
        assert caught.value.code == "not_found"
        assert "chat.message_created" not in {event["name"] for event in bo.events}


def log_out(person: Person, other: Person) -> None:
    """In the same browser."""
    person.post("/api/auth/logout")


def revoke_device(person: Person, other: Person) -> None:
    """From another device."""
    (device,) = [one["id"] for one in other.http.get("/api/devices").json() if not one["current"]]
    assert other.send("DELETE", f"/api/devices/{device}", None).status_code == 200


def change_password(person: Person, other: Person) -> None:
    """On another device."""
    other.post("/api/auth/password", old_password=PASSWORD, new_password="another one 42")


@pytest.mark.parametrize(
    ("end", "code"),
    [(log_out, "logged_out"), (revoke_device, "device_revoked"), (change_password, "password_changed")],
)
async def test_a_session_that_ends_closes_its_socket_on_another_server(
    town: Stack, end: Callable[[Person, Person], None], code: str
) -> None:
    person = Person(town, "two")
    other = Person(town, "one", person.username)
    async with person.socket() as ended, other.socket() as kept:
        end(person, other)
        started = time.monotonic()
        closed = await ended.closed()
        assert time.monotonic() - started < WITHIN_S
        assert closed.bye is not None
        assert (closed.bye["code"], closed.bye["retry"]) == (code, False)
        assert 4500 <= (closed.code or 0) < 5000
        # The other device goes on, with the session that its password change rotated.
        await kept.call("chat.direct_open", users=[Person(town, "one").id])


async def test_a_deactivated_user_is_cut_off_everywhere(town: Stack) -> None:
    person = Person(town, "two")
    admin = Person(town, "one", "admin", "carillon-admin")
    async with person.socket() as socket:
        page = f"/admin/accounts/user/{person.id}/change/"
        fields = {
            "username": person.username,
            "display_name": person.username,
            "date_joined_0": "2026-01-01",
            "date_joined_1": "00:00:00",
            "csrfmiddlewaretoken": admin.http.cookies["csrftoken"],
        }
        origin = {"Origin": str(admin.http.base_url).rstrip("/")}
        answer = admin.http.post(page, data=fields, headers=origin)
        assert answer.status_code == 302, answer.text
        started = time.monotonic()
        closed = await socket.closed()
        assert time.monotonic() - started < WITHIN_S
        assert closed.bye is not None
        assert closed.bye["code"] == "account_disabled"
    assert person.http.get("/api/session").json() == {"user": None}
    with pytest.raises(CallFailed) as caught:
        await person.socket().connect()
    assert caught.value.code in {"auth_invalid", "auth_required", "account_disabled"}
