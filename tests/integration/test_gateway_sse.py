"""The protocol over server-sent events and POSTs, for networks that block WebSockets."""

from __future__ import annotations

from typing import Any

from tests.support.pair import Pair, Person
from tests.support.sse import event_stream


def hello(person: Person, room: int, **cursor: Any) -> dict[str, Any]:
    streams = [{"stream": f"room:{room}", **cursor}]
    return {"type": "hello", "id": 1, "protocol": 1, "token": person.token, "streams": streams}


def send(room: int, text: str, client_id: str) -> dict[str, Any]:
    args = {"room": room, "text": text, "client_id": client_id}
    return {"type": "call", "id": 2, "name": "chat.message_send", "args": args}


async def test_a_session_over_sse_sends_receives_and_resumes(pair: Pair) -> None:
    ann, bo = pair.person(), pair.person()
    room = pair.room(ann, bo)
    async with event_stream(pair) as stream:
        assert (await stream.post(hello(ann, room))).status_code == 202
        state = (await stream.next("welcome"))["streams"][0]
        await stream.post(send(room, "from a blocked network", "c1"))
        assert (await stream.next("event"))["data"]["message"]["text"] == "from a blocked network"
    async with pair.client(bo, "b", f"room:{room}") as client:
        await client.call("chat.message_send", room=room, text="meanwhile")
    async with event_stream(pair) as stream:
        await stream.post(hello(ann, room, epoch=state["epoch"], seq=state["head"] + 1))
        assert (await stream.next("event"))["data"]["message"]["text"] == "meanwhile"


async def test_a_frame_may_reach_any_process(pair: Pair) -> None:
    ann = pair.person()
    room = pair.room(ann)
    async with event_stream(pair, "a") as stream:
        other = pair.stack.url("b")
        assert (await stream.post(hello(ann, room), base=other)).status_code == 202
        assert (await stream.next("welcome"))["user"]["id"] == ann.id


async def test_a_browser_is_known_by_its_session_cookie(pair: Pair) -> None:
    ann = pair.person()
    async with event_stream(pair, Cookie=f"sessionid={pair.session_key(ann)}") as stream:
        await stream.post({"type": "hello", "id": 1})
        assert (await stream.next("welcome"))["user"]["id"] == ann.id


async def test_errors_have_their_codes_and_the_stream_goes_on(pair: Pair) -> None:
    ann = pair.person()
    room = pair.room(ann)
    async with event_stream(pair) as stream:
        await stream.post("{")
        assert (await stream.next("error"))["code"] == "bad_json"
        too_large = await stream.post("x" * 70_000)
        assert (too_large.status_code, too_large.json()["code"]) == (400, "too_large")
        await stream.post(hello(ann, room))
        await stream.next("welcome")
        ended = stream.address
    async with event_stream(pair) as stream:
        stream.address = ended
        gone = await stream.post({"type": "ping", "id": 1})
        assert (gone.status_code, gone.json()["code"]) == (404, "session_gone")
        stream.address = "made-up"
        assert (await stream.post({"type": "ping", "id": 1})).json()["code"] == "session_gone"


async def test_a_foreign_page_is_refused(pair: Pair) -> None:
    status, body = await pair.http("GET", "/sse", headers={"Origin": "https://evil.example"})
    assert (status, body["code"]) == (403, "origin_not_allowed")


async def test_access_that_ends_closes_the_stream(pair: Pair) -> None:
    ann = pair.person()
    async with event_stream(pair) as stream:
        await stream.post({"type": "hello", "id": 1, "token": ann.token})
        await stream.next("welcome")
        status, _ = await pair.http("DELETE", f"/api/devices/{ann.device}", person=ann, name="b")
        assert status in (200, 204)
        assert (await stream.next("bye"))["retry"] is False
        assert (await stream.next("close"))["code"] == 4502
