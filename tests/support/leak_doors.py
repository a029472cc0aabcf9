"""Every way to what was said in a room, tried by somebody who is not in it. Whoever makes another one adds a line here.

A closed door is not there for them, and says nothing. One of one's own opens, and has nothing in it of rooms that one
is not in; but an archive of one's own may have what one was told while one was there.
"""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
import zipfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from realtime.testing.client import CallFailed, Client, Closed
from tests.support.leaks import World, tokens_in
from tests.support.pair import Person
from tests.support.sse import event_stream

DOORS_PER_ROUND = 6
NOT_FOUND, SHUT = 404, (401, 403)


@dataclass(frozen=True)
class Attempt:
    """Somebody, a room that they are not in, a message of it, and what of it has doors of its own."""

    world: World
    person: Person
    room: int
    message: int
    own_room: int  # that they are in
    shared: Mapping[str, Any]
    asked: int  # a poll, or what is to be acknowledged


Request = tuple[str, str, dict[str, Any] | None]
Answer = tuple[int, Any]


def later() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()


CLOSED: dict[str, Callable[[Attempt], Request]] = {
    "history": lambda a: ("GET", f"/api/rooms/{a.room}/messages?limit=200", None),
    "around": lambda a: ("GET", f"/api/rooms/{a.room}/messages?around=3&limit=20", None),
    "members": lambda a: ("GET", f"/api/rooms/{a.room}/members", None),
    "versions": lambda a: ("GET", f"/api/messages/{a.message}/history", None),
    "editing": lambda a: ("PATCH", f"/api/messages/{a.message}", {"text": "mine"}),
    "deleting": lambda a: ("DELETE", f"/api/messages/{a.message}?client_id={uuid4().hex}", None),
    "restoring": lambda a: ("POST", f"/api/messages/{a.message}/restore", {}),
    "writing": lambda a: ("POST", f"/api/rooms/{a.room}/messages", {"text": "let me in"}),
    "quoting": lambda a: ("POST", f"/api/rooms/{a.own_room}/messages", {"text": "see", "quote": a.message}),
    "replying": lambda a: ("POST", f"/api/rooms/{a.own_room}/messages", {"text": "so", "thread": a.message}),
    "forwarding": lambda a: ("POST", f"/api/messages/{a.message}/forward", {"room": a.own_room}),
    "attaching": lambda a: (
        "POST",
        f"/api/rooms/{a.own_room}/messages",
        {"text": "see", "files": [a.shared["file"]]},
    ),
    "thread": lambda a: ("GET", f"/api/threads/{a.message}", None),
    "following": lambda a: ("POST", f"/api/threads/{a.message}/follow", {}),
    "thread_read": lambda a: ("POST", f"/api/threads/{a.message}/read", {"number": 1}),
    "file": lambda a: ("GET", a.shared["url"], None),
    "thumbnail": lambda a: ("GET", f"{a.shared['url']}?size=small", None),
    "describing": lambda a: ("PATCH", f"/api/files/{a.shared['file']}", {"alt": "mine"}),
    "preview_image": lambda a: ("GET", a.shared["preview"], None),
    "preview": lambda a: (
        "POST",
        f"/api/messages/{a.shared['message']}/previews/remove",
        {"url": a.shared["page"]},
    ),
    "pins": lambda a: ("GET", f"/api/rooms/{a.room}/pins", None),
    "pinning": lambda a: ("POST", f"/api/messages/{a.message}/pin", {}),
    "saving": lambda a: ("POST", f"/api/messages/{a.message}/save", {}),
    "reactions": lambda a: ("GET", f"/api/messages/{a.shared['message']}/reactions?emoji=%F0%9F%91%8D", None),
    "reacting": lambda a: ("POST", f"/api/messages/{a.message}/reactions", {"emoji": "👍"}),
    "votes": lambda a: ("GET", f"/api/messages/{a.asked}/votes?option=0", None),
    "voting": lambda a: ("POST", f"/api/messages/{a.asked}/vote", {"options": [1]}),
    "acks": lambda a: ("GET", f"/api/messages/{a.asked}/acks", None),
    "acknowledging": lambda a: ("POST", f"/api/messages/{a.asked}/ack", {}),
    "readers": lambda a: ("GET", f"/api/messages/{a.message}/readers", None),
    "receipts": lambda a: ("GET", f"/api/rooms/{a.room}/receipts", None),
    "statuses": lambda a: ("GET", f"/api/statuses?room={a.room}", None),
    "reading": lambda a: ("POST", f"/api/rooms/{a.room}/read", {"number": 1}),
    "unread": lambda a: ("POST", f"/api/rooms/{a.room}/unread", {"number": 1}),
    "draft": lambda a: ("PUT", f"/api/rooms/{a.room}/draft", {"text": "mine"}),
    "scheduling": lambda a: ("POST", f"/api/rooms/{a.room}/scheduled", {"text": "x", "send_at": later()}),
    "slash": lambda a: ("POST", f"/api/rooms/{a.room}/slash", {"text": "/help"}),
    "inviting": lambda a: ("POST", f"/api/rooms/{a.room}/invite", {"user": a.person.id}),
    "joining": lambda a: ("POST", f"/api/rooms/{a.room}/join", {}),
    "reporting": lambda a: ("POST", "/api/reports", {"message": a.message, "why": "spam"}),
    "reminding": lambda a: ("POST", "/api/reminders", {"about": f"message:{a.message}", "at": later()}),
    "room_export": lambda a: ("POST", f"/api/rooms/{a.room}/export", {}),
    "audit": lambda a: ("GET", f"/api/rooms/{a.room}/audit", None),
    "bans": lambda a: ("GET", f"/api/rooms/{a.room}/bans", None),
    "hooks": lambda a: ("GET", f"/api/rooms/{a.room}/hooks", None),
    "invitations": lambda a: ("GET", f"/api/rooms/{a.room}/invitations", None),
}

OWN: dict[str, Callable[[Attempt], str]] = {
    "rooms": lambda a: "/api/rooms",
    "public_rooms": lambda a: "/api/rooms/public/browse",
    "search": lambda a: "/api/search?q=token&limit=50",
    "search_by_relevance": lambda a: "/api/search?q=token&order=relevance&limit=50",
    "saved": lambda a: "/api/saved",
    "threads": lambda a: "/api/threads?limit=50",
    "reminders": lambda a: "/api/reminders",
    "drafts": lambda a: "/api/drafts",
    "scheduled": lambda a: "/api/scheduled",
    "moderation": lambda a: f"/api/moderation/reports?state=closed&room={a.room}",
}

ARCHIVES: dict[str, Callable[[Attempt], str]] = {
    "inbox": lambda a: "/api/inbox?limit=50",
    "snapshot": lambda a: "/api/snapshot",
    "deliveries": lambda a: "/api/deliveries",
}


async def by_replay(a: Attempt) -> Answer:
    """A second socket, from the first event on, and from the cursor that a former member has."""
    stream = f"room:{a.room}"
    cursor = a.world.listeners[a.person.id].cursors.get(stream, {})
    async with Client(a.world.pair.ws_url("b"), token=a.person.token) as client:
        for wanted in ({}, {"epoch": cursor.get("epoch"), "seq": 0} if cursor else {}):
            try:
                answer = await client.request("subscribe", stream=stream, **wanted)
            except CallFailed as error:
                if error.code == "not_found":
                    continue
                raise
            await client.call("jobs.list")
            return 200, [answer, *client.events]
    return NOT_FOUND, ""


async def by_hello(a: Attempt) -> Answer:
    """The same at once, as a page that was away resumes."""
    stream = f"room:{a.room}"
    client = Client(a.world.pair.ws_url("a"), token=a.person.token)
    client.cursors[stream] = {**a.world.listeners[a.person.id].cursors.get(stream, {}), "stream": stream}
    async with client:
        await client.call("jobs.list")
        (state,) = client.welcome["streams"]
        return NOT_FOUND if "error" in state else 200, [state, *client.events]


async def by_sse(a: Attempt) -> Answer:
    stream = {"stream": f"room:{a.room}"}
    async with event_stream(a.world.pair) as opened:
        hello = {"type": "hello", "id": 1, "protocol": 1, "token": a.person.token, "streams": [stream]}
        await opened.post(hello)
        (state,) = (await opened.next("welcome"))["streams"]
        return NOT_FOUND if "error" in state else 200, state


async def by_command(a: Attempt) -> Answer:
    """Over the socket that is open anyway."""
    calls: list[tuple[str, dict[str, Any]]] = [
        ("chat.message_send", {"room": a.own_room, "text": "see", "quote": a.message}),
        ("chat.message_forward", {"message": a.message, "room": a.own_room}),
        ("chat.message_edit", {"message": a.message, "text": "mine"}),
        ("chat.typing", {"room": a.room}),
    ]
    for name, args in calls:
        try:
            return 200, await a.world.listeners[a.person.id].call(name, **args)
        except CallFailed as error:
            if not error.code.endswith("not_found"):
                return 500, error.frame
    return NOT_FOUND, ""


async def by_room_export_that_was_begun(a: Attempt) -> Answer:
    """Who may no longer have it gets no archive."""
    return await _exported(a, "chat.export_room")


async def by_own_export(a: Attempt) -> Answer:
    return await _exported(a, "accounts.export")


async def by_hook_whose_bot_has_gone(a: Attempt) -> Answer:
    hook = await a.world.act("hook", owner=a.world.owner.id, room=a.room)
    await a.world.act("kick_hook", owner=a.world.owner.id, hook=hook)
    says = [{"author": a.world.owner.id, "text": a.world.says(a.room)}]
    await a.world.act("talk", room=a.room, says=says)
    sent = await a.world.act("call_hook", hook=hook)
    await a.world.act("remove_hook", owner=a.world.owner.id, hook=hook)
    return 200 if sent else NOT_FOUND, sent


ELSEWHERE: dict[str, Callable[[Attempt], Awaitable[Answer]]] = {
    "replay": by_replay,
    "hello": by_hello,
    "sse": by_sse,
    "command": by_command,
    "begun_export": by_room_export_that_was_begun,
    "hook": by_hook_whose_bot_has_gone,
}

DOORS = [*CLOSED, *OWN, *ARCHIVES, *ELSEWHERE, "own_export"]


async def begin(world: World) -> None:
    """Everybody listens, and there is something behind each door."""
    await world.listen()
    for room in world.rooms.values():
        await world.talk(room)
    await world.share()


async def live(world: World, events: int) -> tuple[int, int]:
    """Rounds until so much has happened and each door was tried; how many events there were, and how many tries."""
    await begin(world)
    happened, rounds, tried, left = 0, 0, 0, list[str]()
    while happened < events or rounds * DOORS_PER_ROUND < len(DOORS):
        rounds += 1
        await world.round()
        left = left or world.random.sample(DOORS, len(DOORS))
        trying, left = left[:DOORS_PER_ROUND], left[DOORS_PER_ROUND:]
        await asyncio.gather(*(try_door(world, door) for door in trying))
        tried += len(trying)
        if rounds % 3 == 0:
            await world.act("tick")
        if rounds % 5 == 0:
            await try_inbox_after_edits(world)
        if rounds % 5 == 0:
            await world.switches_off(lambda person: try_to_get_in(world, person))
        if rounds % 50 == 0:
            await world.share()
            print(f"{happened} events in {rounds} rounds, {len(world.found())} leaks", flush=True)
        await world.come_back()
        happened = await world.act("count", rooms=list(world.rooms))
    return happened, tried


async def try_inbox_after_edits(world: World) -> None:
    person, room = await world.hears_of_edits()
    attempt = _attempt(world, room, world.people[person])
    assert attempt is not None
    await _try(attempt, "inbox")


async def try_door(world: World, door: str) -> None:
    """Somebody who is not in the room tries it; what comes out that should not is a leak of the world."""
    attempt = _attempt(world, world.random.choice(sorted(world.rooms)))
    if attempt is not None:
        await _try(attempt, door)


async def _try(attempt: Attempt, door: str) -> None:
    if door in CLOSED:
        status, body = await _asked(attempt, CLOSED[door](attempt))
    elif door in ELSEWHERE:
        status, body = await ELSEWHERE[door](attempt)
    elif door == "own_export":
        status, body = await by_own_export(attempt)
    else:
        status, body = await _asked(attempt, ("GET", (OWN | ARCHIVES)[door](attempt), None))
    _judge(attempt, door, status, body)


async def try_to_get_in(world: World, person: Person) -> None:
    """Somebody whose account is switched off tries a few doors, of rooms that they are in too, and a socket."""
    room = world.random.choice(sorted(world.rooms))
    attempt = _attempt(world, room, person)
    assert attempt is not None
    for door in world.random.sample([*CLOSED, *OWN, *ARCHIVES], 3):
        request = CLOSED[door](attempt) if door in CLOSED else ("GET", (OWN | ARCHIVES)[door](attempt), None)
        status, body = await _asked(attempt, request)
        if status not in SHUT or any(tokens_in(body)):
            world.leaks.append(f"switched off: {door} answered {status}: {str(body)[:300]}")
    try:
        async with Client(world.pair.ws_url("a"), token=person.token, streams=[f"room:{room}"]):
            world.leaks.append("switched off: a socket opened")
    except (CallFailed, Closed):
        return


def _attempt(world: World, room: int, person: Person | None = None) -> Attempt | None:
    outside = world.outside(room)
    if person is None and not outside:
        return None
    who = person or world.people[world.random.choice(outside)]
    own = [one for one, inside in world.truth.inside.items() if who.id in inside]
    there = world.rooms[room]
    return Attempt(
        world,
        who,
        room,
        world.random.choice(there.messages[-2000:]).id,
        world.random.choice(own or [room]),
        world.random.choice(there.shared),
        world.random.choice(there.asked),
    )


def _judge(a: Attempt, door: str, status: int, body: Any) -> None:
    truth, person = a.world.truth, a.person.id
    keeps = door in ARCHIVES or door == "own_export"
    may = truth.may_know if keeps else truth.may_see
    told = [f"{number} of room {room}" for room, number in tokens_in(body) if not may(person, room, number)]
    expected = 200 if door in OWN or keeps else NOT_FOUND
    if told or status != expected:
        a.world.leaks.append(f"{door}: {status} for {person} at room {a.room}, {told[:3]} {str(body)[:200]}")


async def _asked(a: Attempt, request: Request) -> Answer:
    method, path, body = request
    if body is not None:
        body = {"client_id": uuid4().hex, **body}
    return await a.world.pair.http(method, path, person=a.person, name=a.world.random.choice("ab"), body=body)


async def _exported(a: Attempt, kind: str) -> Answer:
    job = await a.world.act("export", kind=kind, person=a.person.id, room=a.room)
    status, content = await asyncio.to_thread(_downloaded, a, job)
    await a.world.act("forget_job", person=a.person.id, job=job)
    return status, content


def _downloaded(a: Attempt, job: int) -> Answer:
    """What is in the archive."""
    ask = urllib.request.Request(
        f"{a.world.pair.stack.url('a')}/api/jobs/{job}/file",
        headers={"Authorization": f"Bearer {a.person.token}"},
    )
    try:
        with urllib.request.urlopen(ask, timeout=20) as answer:
            archive = zipfile.ZipFile(BytesIO(answer.read()))
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    return 200, "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
