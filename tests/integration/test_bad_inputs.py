"""Every bad input that a client can send gets its clear error, and hurts neither its socket nor the process.

One case per number of the catalogue; those without a case say why in `NOT_HERE`.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from realtime.testing.client import CallFailed, Client, Closed
from tests.support.pair import Pair, Person
from tests.support.raw_socket import CLOSE, PING, TEXT, RawSocket, frame, raw_socket


@dataclass
class Scene:
    """What each case gets: the installation, two people and a room of Ann's."""

    pair: Pair
    ann: Person
    bob: Person
    room: int

    def client(self, person: Person | None = None, *streams: str, **options: Any) -> Client:
        return self.pair.client(person or self.ann, "a", *streams, **options)


Case = Callable[[Scene], Awaitable[None]]
CASES: dict[str, Case] = {}


def case(number: int, title: str) -> Callable[[Case], Case]:
    def register(function: Case) -> Case:
        CASES[f"B{number:02d} {title}"] = function
        return function

    return register


NOT_HERE = {
    40: "groups have it: tests/unit/chat/groups",
    43: "there are no one-use tickets: a browser brings its cookie, a phone its access token",
}


@pytest.fixture(scope="session")
def scene_people(shared_pair: Pair) -> Scene:
    ann, bob = shared_pair.person(), shared_pair.person()
    return Scene(shared_pair, ann, bob, shared_pair.room(ann, bob))


@pytest.fixture
def scene(pair: Pair, scene_people: Scene) -> Scene:
    return scene_people


# ---- how errors are asked for


async def refused(client: Client, text: str | bytes) -> dict[str, Any]:
    """The error that answers this frame; the socket then still answers."""
    await client.send_text(text)
    error = await client.next_frame("error")
    assert error["message"].endswith(".")
    assert isinstance(error["retry"], bool)
    await still_answers(client)
    return error


async def still_answers(client: Client) -> None:
    number = time.monotonic_ns() % 10**9
    await client.send_frame({"type": "ping", "id": number})
    await client.until(lambda: any(one["type"] == "pong" and one["id"] == number for one in client.frames))


async def refused_call(client: Client, name: str, /, **args: Any) -> dict[str, Any]:
    with pytest.raises(CallFailed) as caught:
        await client.call(name, **args)
    await still_answers(client)
    return caught.value.frame


async def send(scene: Scene, client: Client, text: Any, **fields: Any) -> Any:
    return await client.call("chat.message_send", **{"room": scene.room, "text": text, **fields})


async def refused_text(scene: Scene, text: Any, code: str, **fields: Any) -> dict[str, Any]:
    async with scene.client() as client:
        error = await refused_call(
            client, "chat.message_send", **{"room": scene.room, "text": text, **fields}
        )
    assert error["code"] == code
    return error


async def refused_frame(scene: Scene, text: str | bytes, code: str) -> dict[str, Any]:
    async with scene.client() as client:
        error = await refused(client, text)
    assert error["code"] == code
    return error


async def greeted(scene: Scene, socket: RawSocket) -> None:
    socket.send_json(type="hello", id=1, token=scene.ann.token)
    await socket.json("welcome")


async def closes_with(scene: Scene, raw: bytes, *codes: int) -> None:
    async with raw_socket(scene.pair.ws_url()) as socket:
        await greeted(scene, socket)
        socket.send(raw)
        assert await socket.close_code() in codes


async def handshake_refused(scene: Scene, status: int, code: str, **headers: str) -> dict[str, Any]:
    async with raw_socket(scene.pair.ws_url(), **headers) as socket:
        body: dict[str, Any] = json.loads(socket.body)
        assert (socket.status, body["code"]) == (status, code), headers
        return body


async def bye_of(client: Client) -> Closed:
    """What ends a connection that could not say hello."""
    with pytest.raises(CallFailed) as caught:
        await client.connect()
    closed = await client.closed()
    assert closed.bye is not None
    assert closed.bye["code"] == caught.value.code
    return closed


# ---- frames


@case(1, "text of 64 KiB and one")
async def _(scene: Scene) -> None:
    error = await refused_frame(scene, json.dumps({"type": "ping", "x": "x" * 65_536}), "too_large")
    assert error["data"]["max_bytes"] == 65_536


@case(2, "text of more than 1 MiB")
async def _(scene: Scene) -> None:
    await closes_with(scene, frame(TEXT, b"x" * 1_100_000), 1009, 4509)


@case(3, "binary frame")
async def _(scene: Scene) -> None:
    await refused_frame(scene, b"\x00\x01", "unsupported_data")


@case(4, "empty text")
async def _(scene: Scene) -> None:
    await refused_frame(scene, "", "bad_json")
    await refused_frame(scene, " \n", "bad_json")


@case(5, "invalid UTF-8")
async def _(scene: Scene) -> None:
    await closes_with(scene, frame(TEXT, b"\xff\xfe"), 1007)


@case(6, "unmasked client frame")
async def _(scene: Scene) -> None:
    await closes_with(scene, frame(TEXT, b"{}", masked=0), 1002)


@case(7, "RSV bit and unknown opcode")
async def _(scene: Scene) -> None:
    await closes_with(scene, frame(TEXT, b"{}", first=0xC0), 1002)
    await closes_with(scene, frame(0x3, b"{}"), 1002)


@case(8, "ping of 126 bytes")
async def _(scene: Scene) -> None:
    await closes_with(scene, frame(PING, b"x" * 126), 1002)


@case(9, "continuation without a start")
async def _(scene: Scene) -> None:
    await closes_with(scene, frame(0x0, b"{}"), 1002)


@case(10, "message in ten thousand fragments")
async def _(scene: Scene) -> None:
    middle = frame(0x0, b"x", first=0x00) * 9_998
    await closes_with(scene, frame(TEXT, b"x", first=0x00) + middle + frame(0x0, b"x"), 4509)


@case(11, "close codes that nobody may send")
async def _(scene: Scene) -> None:
    await closes_with(scene, frame(CLOSE, (999).to_bytes(2, "big")), 1002)
    await closes_with(scene, frame(CLOSE, (1005).to_bytes(2, "big")), 1002)
    await closes_with(scene, frame(CLOSE, (1000).to_bytes(2, "big") + b"\xff\xfe"), 1007)


@case(12, "a thousand pings at once")
async def _(scene: Scene) -> None:
    await closes_with(scene, frame(PING, b"x") * 1_000, 4429)
    async with raw_socket(scene.pair.ws_url()) as socket:
        await greeted(scene, socket)
        socket.send(frame(TEXT, b'{"type":"ping"}') * 1_000)
        assert (await socket.json("bye"))["code"] == "rate_limited"
        assert await socket.close_code() == 4429


@case(13, "data after a close")
async def _(scene: Scene) -> None:
    async with raw_socket(scene.pair.ws_url()) as socket:
        await greeted(scene, socket)
        socket.send(frame(CLOSE, (1000).to_bytes(2, "big")) + frame(TEXT, b'{"type":"ping","id":1}') * 5)
        assert [opcode for opcode, _ in await socket.rest()] == [CLOSE]


@case(14, "permessage-deflate is declined")
async def _(scene: Scene) -> None:
    async with raw_socket(scene.pair.ws_url(), Sec_WebSocket_Extensions="permessage-deflate") as socket:
        assert socket.status == 101
        assert "sec-websocket-extensions" not in socket.headers
        await greeted(scene, socket)


@case(15, "unknown subprotocol")
async def _(scene: Scene) -> None:
    body = await handshake_refused(scene, 400, "unsupported_protocol", Sec_WebSocket_Protocol="soap")
    assert body["data"]["supported"] == ["carillon.v1"]


@case(16, "frames before hello")
async def _(scene: Scene) -> None:
    async with raw_socket(scene.pair.ws_url()) as socket:
        socket.send_json(type="call", id=3, name="chat.typing", args={"room": scene.room})
        error = await socket.json("error")
        assert (error["id"], error["code"]) == (3, "auth_required")
        assert (await socket.json("bye"))["retry"] is False
        assert await socket.close_code() == 4501


# ---- JSON


@case(17, "broken JSON")
async def _(scene: Scene) -> None:
    error = await refused_frame(scene, "{", "bad_json")
    assert "not JSON" in error["message"]


@case(18, "JSON that is no object")
async def _(scene: Scene) -> None:
    for text in ("[]", '"x"', "1", "null", "true"):
        assert "object" in (await refused_frame(scene, text, "bad_json"))["message"]


@case(19, "missing type")
async def _(scene: Scene) -> None:
    error = await refused_frame(scene, '{"id":1}', "missing_field")
    assert (error["id"], error["data"]["field"]) == (1, "type")


@case(20, "unknown type")
async def _(scene: Scene) -> None:
    error = await refused_frame(scene, '{"type":"dance","id":7}', "unknown_type")
    assert (error["id"], "hello" in error["data"]["known"]) == (7, True)


@case(21, "names of internal handlers as type")
async def _(scene: Scene) -> None:
    for name in ("_x", "websocket.disconnect", "chat.message", "stream.events", "__class__"):
        await refused_frame(scene, json.dumps({"type": name}), "unknown_type")
    async with scene.client() as client:
        for name in ("access.stream_revoked", "presence.diff", "_hello", "x" * 5_000):
            assert (await refused_call(client, name))["code"] == "unknown_command"


@case(22, "numbers that JSON does not have")
async def _(scene: Scene) -> None:
    for number in ("NaN", "Infinity", "-Infinity", "1e999"):
        text = '{"type":"call","id":1,"name":"chat.typing","args":{"room":' + number + "}}"
        await refused_frame(scene, text, "bad_json")


@case(23, "deep nesting")
async def _(scene: Scene) -> None:
    await refused_frame(scene, '{"type":"ping","x":%s}' % ("[" * 32 + "]" * 32), "too_deep")
    await refused_frame(scene, "[" * 60_000, "too_deep")
    await refused_frame(scene, '{"a":' * 10_000, "too_deep")


@case(24, "number of five thousand digits")
async def _(scene: Scene) -> None:
    await refused_frame(scene, '{"type":"ping","id":%s}' % ("9" * 5_000), "bad_json")


@case(25, "a key twice")
async def _(scene: Scene) -> None:
    await refused_frame(scene, '{"type":"ping","id":1,"id":2}', "bad_json")
    await refused_frame(scene, '{"type":"ping","x":{"a":1,"b":[],"a":2}}', "bad_json")
    await refused_frame(scene, '{"ty\\u0070e":"ping","type":"pong"}', "bad_json")
    await refused_frame(scene, '{"type":"pong","type":"ping"}', "bad_json")


@case(26, "wrong type of id")
async def _(scene: Scene) -> None:
    for value in ("{}", "[]", "true", '"x"', "1.5"):
        error = await refused_frame(scene, '{"type":"ping","id":' + value + "}", "wrong_type")
        assert error["data"]["field"] == "id"


@case(27, "injected rooms")
async def _(scene: Scene) -> None:
    for value in ("1 OR 1=1", {"$ne": 1}, [1], None, True, 1.5):
        error = await refused_text(scene, "hello", "wrong_type", room=value)
        assert error["data"]["field"] == "room"
    for number in (0, -1, 2**63, 2**70):
        await refused_text(scene, "hello", "not_found", room=number)
    for stream in ("room:1 OR 1=1", "room:..", "room", "Room:1", "room:" + "1" * 90, "room:1\0", "röom:1"):
        await refused_frame(scene, json.dumps({"type": "subscribe", "id": 1, "stream": stream}), "bad_stream")


@case(28, "empty text of a message")
async def _(scene: Scene) -> None:
    for text in ("", "   ", "\u200b\u200d", "\n"):
        await refused_text(scene, text, "empty_body")
    async with scene.client() as client:
        error = await refused_call(client, "chat.message_send", room=scene.room)
        assert (error["code"], error["data"]["field"]) == ("missing_field", "text")


@case(29, "text of 4,001 characters")
async def _(scene: Scene) -> None:
    error = await refused_text(scene, "x" * 4_001, "too_long")
    assert (error["data"]["max"], error["data"]["got"]) == (4_000, 4_001)


@case(30, "control characters")
async def _(scene: Scene) -> None:
    for text in ("a\0b", "a\x1bb", "a\x7fb"):
        await refused_text(scene, text, "bad_characters")


@case(31, "ten thousand marks on a letter")
async def _(scene: Scene) -> None:
    await refused_text(scene, "e" + "\u0301" * 10_000, "too_complex")


@case(32, "bidi override in a name")
async def _(scene: Scene) -> None:
    async with scene.client() as client:
        error = await refused_call(client, "chat.room_create", kind="private", name="a\u202eb")
        assert error["code"] == "bad_name"


@case(33, "bad client_id")
async def _(scene: Scene) -> None:
    for client_id in ("", "x" * 65, "é", "a b", "a\n"):
        await refused_text(scene, "hello", "bad_client_id", client_id=client_id)
    text = json.dumps(
        {"type": "call", "id": 1, "name": "chat.message_send", "args": {"room": scene.room, "text": "hello"}}
    )
    assert (await refused_frame(scene, text, "missing_field"))["data"]["field"] == "client_id"


@case(34, "the same client_id again")
async def _(scene: Scene) -> None:
    client_id = uuid4().hex
    async with scene.client() as client, scene.pair.client(scene.ann, "b") as elsewhere:
        first = await send(scene, client, "once", client_id=client_id)
        again = await send(scene, client, "once", client_id=client_id)
        there = await send(scene, elsewhere, "once", client_id=client_id)
    assert (first["duplicate"], again["duplicate"], there["duplicate"]) == (False, True, True)
    assert first["message"] == again["message"] == there["message"]
    assert first["seq"] == again["seq"] == there["seq"]


@case(35, "impossible cursors")
async def _(scene: Scene) -> None:
    stream = f"room:{scene.room}"
    async with scene.client() as client:
        state = await client.subscribe(stream)
        await client.request("unsubscribe", stream=stream)
        for seq in (-1, 2**63, state["head"] + 1, 10**30):
            with pytest.raises(CallFailed) as caught:
                await client.request("subscribe", stream=stream, epoch=state["epoch"], seq=seq)
            assert caught.value.code == "bad_cursor"
        with pytest.raises(CallFailed) as caught:
            await client.request("subscribe", stream=stream, epoch=state["epoch"], seq="abc")
        assert caught.value.code == "wrong_type"
        with pytest.raises(CallFailed) as caught:
            await client.request("subscribe", stream=stream, seq=1)
        assert caught.value.code == "bad_cursor"
        await still_answers(client)
    wanted = [{"stream": stream, "epoch": state["epoch"], "seq": state["head"] + 1}]
    async with raw_socket(scene.pair.ws_url()) as socket:
        socket.send_json(type="hello", id=1, token=scene.ann.token, streams=wanted)
        (answer,) = (await socket.json("welcome"))["streams"]
        assert (answer["error"], answer["recovered"]) == ("bad_cursor", False)


@case(36, "unknown extra fields are ignored")
async def _(scene: Scene) -> None:
    async with scene.client() as client:
        await client.request("subscribe", stream=f"room:{scene.room}", future={"a": [1]})
        assert (await send(scene, client, "hello", future=1))["duplicate"] is False


@case(37, "byte order mark")
async def _(scene: Scene) -> None:
    await refused_frame(scene, '\ufeff{"type":"ping"}', "bad_json")


@case(38, "times that a client gives are ignored")
async def _(scene: Scene) -> None:
    async with scene.client(scene.ann, f"room:{scene.room}") as client:
        sent = await send(scene, client, "old?", created_at="1999-01-01T00:00:00Z", at="1999-01-01T00:00:00Z")
        event = await client.until(
            lambda: next((one for one in client.events if one.get("seq") == sent["seq"]), None)
        )
        assert not event["at"].startswith("1999")
        assert not event["data"]["message"]["created_at"].startswith("1999")


@case(39, "message of another room")
async def _(scene: Scene) -> None:
    stranger = scene.pair.person()
    async with scene.client() as client:
        sent = await send(scene, client, "mine")
    async with scene.client(stranger) as client:
        for message in (sent["message"], 2**62):
            edit = await refused_call(client, "chat.message_edit", message=message, text="yours")
            delete = await refused_call(client, "chat.message_delete", message=message)
            assert edit["code"] == delete["code"] == "not_found"


# ---- who, and what they may


@case(41, "no hello")
async def _(scene: Scene) -> None:
    async with raw_socket(scene.pair.ws_url()) as socket:
        bye = await socket.json("bye")
        assert (bye["code"], bye["retry"]) == ("auth_timeout", False)
        assert await socket.close_code() == 4501
    async with raw_socket(scene.pair.ws_url()) as socket:
        socket.send_json(type="hello", id=1)
        assert (await socket.json("error"))["code"] == "auth_required"
        assert await socket.close_code() == 4501


@case(42, "expired token")
async def _(scene: Scene) -> None:
    code = """
import time
from accounts import tokens
from accounts.models import User
tokens.ACCESS_LIFETIME_S, kept = -1, tokens.ACCESS_LIFETIME_S
user = User.objects.get(pk=user_id)
result = tokens.access_token(user_id=user.pk, device_id=device_id, version=user.credentials_version)
tokens.ACCESS_LIFETIME_S = kept
"""
    token = scene.pair.backstage.run(code, user_id=scene.ann.id, device_id=scene.ann.device)
    closed = await bye_of(scene.client(None, token=token))
    assert closed.bye is not None
    assert (closed.code, closed.bye["code"], closed.bye["retry"]) == (4401, "auth_expired", True)


@case(44, "token in the address")
async def _(scene: Scene) -> None:
    for query in (f"token={scene.ann.token}", "access_token=x", "%74oken=x"):
        async with raw_socket(f"{scene.pair.ws_url()}?{query}") as socket:
            error = await socket.json("error")
            assert error["code"] == "token_in_url"
            assert "Authorization" in error["message"]
            assert await socket.close_code() == 4501


@case(45, "token of another user or device")
async def _(scene: Scene) -> None:
    code = """
from accounts import tokens
from accounts.models import User
user = User.objects.get(pk=user_id)
result = tokens.access_token(user_id=user.pk, device_id=device_id, version=user.credentials_version)
"""
    crossed = scene.pair.backstage.run(code, user_id=scene.ann.id, device_id=scene.bob.device)
    forged = scene.ann.token[:-3] + ("abc" if not scene.ann.token.endswith("abc") else "abd")
    for token in (crossed, forged, scene.ann.refresh, "x", "x" * 5_000, "é\0"):
        closed = await bye_of(scene.client(None, token=token))
        assert closed.bye is not None
        assert (closed.code, closed.bye["code"], closed.bye["retry"]) == (4501, "auth_invalid", False)
    async with scene.client() as client:
        with pytest.raises(CallFailed) as caught:
            await client.request("auth_refresh", token=scene.bob.token)
        assert caught.value.code == "auth_invalid"
        assert (await client.closed()).code == 4501


@case(46, "deactivated user")
async def _(scene: Scene) -> None:
    gone = scene.pair.person()
    scene.pair.backstage.run(
        "from accounts.models import User\nUser.objects.filter(pk=user_id).update(is_active=False)",
        user_id=gone.id,
    )
    closed = await bye_of(scene.client(gone))
    assert closed.bye is not None
    assert (closed.code, closed.bye["code"]) == (4503, "account_disabled")


@case(47, "foreign origin")
async def _(scene: Scene) -> None:
    own = scene.pair.stack.url("a")
    port = own.rpartition(":")[2]
    key = scene.pair.session_key(scene.ann)
    for origin in (
        "https://evil.example",
        own.replace("http", "https"),
        f"http://127.0.0.1.evil.example:{port}",
        f"http://user@127.0.0.1:{port}",
        f"{own}/",
        f"http://127.0.0.1.:{port}",
        "http://127.0.0.1",
        "null",
    ):
        await handshake_refused(scene, 403, "origin_not_allowed", Origin=origin, Cookie=f"sessionid={key}")
    # Without an Origin a cookie counts for nothing.
    async with raw_socket(scene.pair.ws_url(), Cookie=f"sessionid={key}") as socket:
        socket.send_json(type="hello", id=1)
        assert (await socket.json("error"))["code"] == "auth_required"


@case(48, "malformed origin")
async def _(scene: Scene) -> None:
    own = scene.pair.stack.url("a")
    for origin in (
        "http://[::1",
        "http://localhost:99999",
        "http://localhost:x",
        "\xff",
        "://",
        f"{own} {own}",
    ):
        async with raw_socket(scene.pair.ws_url(), Origin=origin) as socket:
            found = (socket.status, json.loads(socket.body)["code"])
            assert found == (403, "origin_not_allowed"), origin


@case(49, "a room that is absent or not mine")
async def _(scene: Scene) -> None:
    stranger = scene.pair.person()
    async with scene.client(stranger) as client:
        errors = []
        for room in (scene.room, 10**9):
            with pytest.raises(CallFailed) as caught:
                await client.request("subscribe", stream=f"room:{room}")
            join = await refused_call(client, "chat.room_join", room=room)
            text = await refused_call(client, "chat.message_send", room=room, text="hello")
            typing = await refused_call(client, "chat.typing", room=room)
            errors.append([dict(one, id=0) for one in (caught.value.frame, join, text, typing)])
        assert errors[0] == errors[1]
        assert {one["code"] for one in errors[0]} == {"not_found"}


@case(50, "a message by somebody who is muted")
async def _(scene: Scene) -> None:
    room = scene.pair.room(scene.ann, scene.bob)
    async with scene.client(scene.ann) as ann, scene.client(scene.bob) as bob:
        until = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0).isoformat()
        await ann.call("chat.member_mute", room=room, user=scene.bob.id, until=until, reason="loud")
        error = await refused_call(bob, "chat.message_send", room=room, text="hello")
        assert (error["code"], error["retry"]) == ("muted", False)
        assert error["data"] == {"reason": "loud", "until": until}
        assert error["message"].endswith(" UTC. Reason: loud")


@case(50, "to govern a room that is not mine")
async def _(scene: Scene) -> None:
    async with scene.client(scene.bob) as client:
        error = await refused_call(client, "chat.room_kick", room=scene.room, user=scene.ann.id)
        assert error["code"] == "not_moderator"


@case(51, "an eleventh socket and too many streams")
async def _(scene: Scene) -> None:
    person = scene.pair.person()
    clients = [scene.client(person) for _ in range(10)]
    try:
        await asyncio.gather(*(client.connect() for client in clients))
        closed = await bye_of(scene.client(person))
        assert closed.bye is not None
        assert (closed.code, closed.bye["code"]) == (4508, "limit_reached")
        await still_answers(clients[0])
    finally:
        await asyncio.gather(*(client.close() for client in clients))
    async with raw_socket(scene.pair.ws_url()) as socket:
        streams = [{"stream": f"room:{number}"} for number in range(551)]
        socket.send_json(type="hello", id=1, token=person.token, streams=streams)
        error = await socket.json("error")
        assert (error["code"], error["retry"]) == ("too_many_streams", True)
        # A hello that was refused may be sent again, corrected.
        socket.send_json(type="hello", id=2, token=person.token, streams=streams[:1])
        assert (await socket.json("welcome"))["id"] == 2


@case(52, "sessions that are made up, or over")
async def _(scene: Scene) -> None:
    key = scene.pair.session_key(scene.ann)
    async with scene.pair.browser(key) as client:
        assert client.welcome is not None
        assert client.welcome["user"]["id"] == scene.ann.id
    for made_up in ("a" * 32, "../../etc/passwd", "x" * 5_000, "' OR 1=1 --"):
        closed = await bye_of(scene.pair.browser(made_up))
        assert (closed.code, closed.bye and closed.bye["code"]) == (4501, "auth_invalid")
    scene.pair.backstage.run(
        "from django.contrib.sessions.models import Session\n"
        "Session.objects.filter(session_key=key).delete()",
        key=key,
    )
    assert (await bye_of(scene.pair.browser(key))).code == 4501


@case(53, "twenty wrong passwords")
async def _(scene: Scene) -> None:
    person = scene.pair.person()
    answers = []
    for _number in range(20):
        body = {"username": person.username, "password": "wrong horse", "device": "x"}
        answers.append(await scene.pair.http("POST", "/api/auth/token", body=body))
    assert answers[0][0] == 401
    status, error = answers[-1]
    assert status == 429
    assert error["retry_after_ms"] > 0
    nobody = {"username": uuid4().hex[:20], "password": "wrong horse", "device": "x"}
    assert (await scene.pair.http("POST", "/api/auth/token", body=nobody)) == answers[0]


# ---- the test


@pytest.mark.parametrize("title", sorted(CASES))
async def test_a_bad_input_gets_its_clear_error(title: str, scene: Scene) -> None:
    await CASES[title](scene)


def test_every_number_of_the_catalogue_has_a_case_or_a_reason() -> None:
    numbers = sorted({int(title[1:3]) for title in CASES} | set(NOT_HERE))
    assert numbers == list(range(1, 54))


async def test_a_process_that_was_sent_rubbish_logs_no_bug_of_ours(scene: Scene) -> None:
    """Runs last in this file: expected errors are answered, never logged as failures."""
    log = scene.pair.stack.running["a"].log
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:3000]
