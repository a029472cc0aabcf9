"""Chat without a socket: rooms, messages and marks over the HTTP API alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from realtime.urls import api
from tests.support.people import client_id, make_room, make_user

pytestmark = pytest.mark.django_db


class Caller:
    def __init__(self, user: User) -> None:
        self.client = Client()
        self.client.force_login(user)

    def get(self, path: str, status: int = 200) -> Any:
        return self._json(self.client.get(path), status)

    def send(self, method: str, path: str, body: Any, status: int = 200) -> Any:
        if isinstance(body, dict):
            body = {"client_id": client_id()} | body
        answer = self.client.generic(method, path, json.dumps(body), content_type="application/json")
        return self._json(answer, status)

    def post(self, path: str, body: Any, status: int = 200) -> Any:
        return self.send("POST", path, body, status)

    @staticmethod
    def _json(answer: Any, status: int) -> Any:
        assert answer.status_code == status, answer.content
        return answer.json()


@pytest.fixture
def ada() -> Caller:
    return Caller(make_user("ada", display_name="Ada"))


@pytest.fixture
def bo() -> Caller:
    return Caller(make_user("bo"))


def person(caller: Caller) -> Any:
    return caller.get("/api/session")["user"]


def test_two_people_talk_over_http_alone(ada: Caller, bo: Caller) -> None:
    room = ada.post("/api/rooms", {"kind": "public", "name": "Lobby", "topic": "All"})["room"]
    assert room | {"id": 0} == {
        "id": 0,
        "kind": "public",
        "name": "Lobby",
        "topic": "All",
        "role": "owner",
        "last_number": 0,
        "read_number": 0,
        "mentioned": [],
        "member_count": 1,
        "mention_all": "small_rooms",
        "members": [],
        "last_message": None,
        "link_previews": True,
        "posting": "everybody",
        "slow_mode_s": 0,
        "retention_days": None,
        "muted": False,
        "muted_until": None,
        "mute_reason": "",
        "barred": False,
        "hidden": 0,
        "read_hidden": 0,
        "description": "",
        "archived": False,
        "favourite": False,
        "position": 0,
        "unread_version": 0,
        "unread_as_of": 0,
    }
    path = f"/api/rooms/{room['id']}"
    (offered,) = bo.get("/api/rooms/public?q=lob")
    assert offered == {
        "id": room["id"],
        "name": "Lobby",
        "topic": "All",
        "member_count": 1,
        "joined": False,
    }
    assert bo.post(f"{path}/join", {})["room"]["role"] == "member"

    sent = ada.post(f"{path}/messages", {"text": "hello", "client_id": "first"})
    assert (sent["number"], sent["duplicate"]) == (1, False)
    assert ada.post(f"{path}/messages", {"text": "hello", "client_id": "first"}) == sent | {"duplicate": True}

    page = bo.get(f"{path}/messages")
    (message,) = page["items"]
    assert page["has_more"] is False
    assert message | {"created_at": ""} == {
        "id": sent["message"],
        "room": room["id"],
        "number": 1,
        "seq": sent["seq"],
        "author": {"id": person(ada)["id"], "username": "ada", "display_name": "Ada", "bot": False},
        "text": "hello",
        "mentions": [],
        "created_at": "",
        "edited_at": None,
        "deleted": False,
        "client_id": "first",
        "files": [],
        "previews": [],
        "html": "",
        "reactions": [],
        "pinned": False,
        "ack": None,
        "poll": None,
        "quote": None,
        "thread": None,
        "root": None,
        "also_in_room": False,
        "hidden": 0,
        "forwarded": None,
    }
    assert message["created_at"].endswith("Z")

    (seen,) = bo.get("/api/rooms")
    assert seen["last_number"] - seen["read_number"] == 1
    assert bo.post(f"{path}/read", {"number": 1}) == {"room": room["id"], "number": 1, "unread_version": 0}
    assert bo.get("/api/rooms")[0]["read_number"] == 1

    edited = ada.send("PATCH", f"/api/messages/{sent['message']}", {"text": "hello!"})["message"]
    assert (edited["text"], edited["edited_at"] is not None) == ("hello!", True)
    deleted = ada.send("DELETE", f"/api/messages/{sent['message']}?client_id={client_id()}", None)["message"]
    assert (deleted["text"], deleted["deleted"]) == ("", True)
    assert [one["role"] for one in bo.get(f"{path}/members")] == ["owner", "member"]
    assert bo.post(f"{path}/leave", {})["member_count"] == 1
    bo.get(f"{path}/messages", 404)


def test_a_thread_a_quote_and_a_forwarded_message_over_http_alone(ada: Caller, bo: Caller) -> None:
    one, other = (
        ada.post("/api/rooms", {"kind": "public", "name": name})["room"]["id"] for name in ("One", "Other")
    )
    for room in (one, other):
        bo.post(f"/api/rooms/{room}/join", {})
    path = f"/api/rooms/{one}/messages"
    root = ada.post(path, {"text": "Tea?"})["message"]
    reply = bo.post(path, {"text": "Yes.", "thread": root})
    bo.post(path, {"text": "And cake", "quote": root})
    assert ada.get("/api/threads")["items"][0]["thread"] == {
        "root": root,
        "room": one,
        "number": 1,
        "read_number": 1,
        "unread": [reply["number"]],
        "mentioned": [],
    }
    thread = ada.get(f"/api/threads/{root}?limit=10")
    assert (thread["root"]["thread"]["replies"], thread["following"]) == (1, True)
    assert [item["text"] for item in thread["items"]] == ["Yes."]
    assert ada.post(f"/api/threads/{root}/read", {"number": reply["number"]})["number"] == reply["number"]
    assert ada.get("/api/threads")["items"][0]["thread"]["unread"] == []
    assert not ada.post(f"/api/threads/{root}/unfollow", {})["following"]
    assert ada.get("/api/threads")["items"] == []
    page = ada.get(f"{path}?around={reply['number']}")
    assert [item["text"] for item in page["items"]] == ["Tea?", "And cake"]
    assert (page["reply"]["text"], page["reply"]["root"]) == ("Yes.", root)
    assert page["items"][1]["quote"]["text"] == "Tea?"

    bo.post(f"/api/messages/{root}/forward", {"room": other})
    (copy,) = ada.get(f"/api/rooms/{other}/messages")["items"]
    assert (copy["text"], copy["author"]["username"]) == ("Tea?", "bo")
    assert copy["forwarded"] == {
        "author": {"id": person(ada)["id"], "username": "ada", "display_name": "Ada", "bot": False},
        "room": one,
        "number": 1,
    }
    assert ada.get("/api/threads?limit=51", 400)["code"] == "bad_limit"


def test_the_snapshot_is_everything_that_a_page_starts_from(ada: Caller, bo: Caller) -> None:
    direct = ada.post("/api/rooms/direct", {"users": [person(bo)["id"]]})["room"]
    snapshot = bo.get("/api/snapshot")
    own = {"threads", "drafts", "saved", "status", "blocked"}
    assert set(snapshot) == {"user", "rooms", "inbox", "jobs", "cursors"} | own
    assert snapshot["user"]["username"] == "bo"
    assert [room["id"] for room in snapshot["rooms"]] == [direct["id"]]
    assert [one["username"] for one in snapshot["rooms"][0]["members"]] == ["ada", "bo"]
    assert snapshot["inbox"] == {"unread": {"own": 0, "shared": 0}, "items": []}
    streams = {f"room:{direct['id']}", f"user:{person(bo)['id']}", "audience:all"}
    assert set(snapshot["cursors"]) == streams
    assert all(set(cursor) == {"epoch", "seq"} for cursor in snapshot["cursors"].values())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_body"),
        ("  ", "empty_body"),
        ("\u200b", "empty_body"),
        ("x" * 4001, "too_long"),
        ("a\x00b", "bad_characters"),
        ("\ud800", "bad_characters"),
        ("a" + "\u0301" * 10_000, "too_complex"),
    ],
)
def test_bad_texts_are_told_what_is_wrong(ada: Caller, text: str, code: str) -> None:
    room = make_room(User.objects.get(username="ada"))
    answer = ada.post(f"/api/rooms/{room}/messages", {"text": text}, 400)
    assert (answer["type"], answer["code"], answer["retry"]) == ("error", code, False)


@pytest.mark.parametrize("bad", ["", "x" * 65, "é", "a b", "\x00"])
def test_bad_client_ids_are_told_so_by_every_write(ada: Caller, bad: str) -> None:
    room = make_room(User.objects.get(username="ada"))
    for path, body in (
        (f"/api/rooms/{room}/messages", {"text": "x"}),
        (f"/api/rooms/{room}/read", {"number": 0}),
        (f"/api/rooms/{room}/leave", {}),
        ("/api/rooms", {"kind": "private", "name": "x"}),
    ):
        assert ada.post(path, body | {"client_id": bad}, 400)["code"] == "bad_client_id"


@pytest.mark.parametrize(
    "name", ["", "x" * 300, "../x", "<img onerror>", "a\nb", "a\u202eb", "\x00", "\ud800", "\u200b"]
)
def test_bad_room_names_are_told_the_rule(ada: Caller, name: str) -> None:
    assert ada.post("/api/rooms", {"kind": "public", "name": name}, 400)["code"] == "bad_name"


def test_a_case_twin_of_a_public_room_is_refused(ada: Caller, bo: Caller) -> None:
    ada.post("/api/rooms", {"kind": "public", "name": " Café "})
    assert bo.post("/api/rooms", {"kind": "public", "name": "CAFE\u0301"}, 409)["code"] == "name_taken"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=1000000000", "bad_limit"),
        ("limit=-1", "bad_limit"),
        ("before=-1", "bad_cursor"),
        ("before=9223372036854775808", "bad_cursor"),
        ("before=abc", "bad_request"),
        ("around=-1", "bad_cursor"),
        ("after=9223372036854775808", "bad_cursor"),
        ("around=1&before=2", "bad_cursor"),
        ("limit=1%20OR%201=1", "bad_request"),
    ],
)
def test_bad_pages_are_told_so(ada: Caller, query: str, code: str) -> None:
    room = make_room(User.objects.get(username="ada"))
    assert ada.get(f"/api/rooms/{room}/messages?{query}", 400)["code"] == code


@pytest.mark.parametrize("body", [None, [], "x", {"text": 1}, {"text": {"$ne": 1}}, {"text": None}])
def test_malformed_bodies_are_bad_requests(ada: Caller, body: Any) -> None:
    room = make_room(User.objects.get(username="ada"))
    assert ada.post(f"/api/rooms/{room}/messages", body, 400)["type"] == "error"


def test_odd_ids_are_not_found_and_never_an_error_of_ours(ada: Caller) -> None:
    for odd in ("0", "-1", "999999", str(2**63), str(2**80)):
        ada.get(f"/api/rooms/{odd}/messages", 404)
        ada.post(f"/api/rooms/{odd}/messages", {"text": "x"}, 404)
        ada.post(f"/api/rooms/{odd}/join", {}, 404)
        ada.send("PATCH", f"/api/messages/{odd}", {"text": "x"}, 404)
        ada.post("/api/rooms/direct", {"users": [int(odd)]}, 404)


def test_the_document_describes_every_answer() -> None:
    paths = api.get_openapi_schema()["paths"]
    page = paths["/api/rooms/{room_id}/messages"]["get"]["responses"][200]["content"]["application/json"]
    assert set(page["schema"]["properties"]) == {"items", "has_more", "has_newer", "reply"}
    assert "$defs" not in json.dumps(paths)
