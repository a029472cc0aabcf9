"""Two people chat through the proxy, each on another replica, while replicas are killed and drained under them.

    python deploy/chat_through_proxy.py https://localhost:8443

Used by `try.sh`, which gives `COMPOSE_COMMAND`. The proxy's header X-Served-By tells the replica of a socket. Both
people must have seen every number of the room once, in order, and what the history holds; a scheduled broadcast must
reach both through beat and worker, and server-sent events must pass the proxy as they happen.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from itertools import count
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import WebSocketException

from realtime.testing.client import CallFailed, Client, Closed

COMPOSE = shlex.split(os.environ.get("COMPOSE_COMMAND", "docker compose"))
REPLICAS = ("web1", "web2")
MESSAGES_EACH = 25
SEND_INTERVAL_S = 0.05
RETRY_S = 0.2
READ_REPEATS = 5
GATEWAY_ERRORS = (502, 503, 504)
COME_BACK_TIMEOUT_S = 30.0
PEER_TIMEOUT_S = 30.0
BROADCAST_DELAY_S = 2
BROADCAST = """
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from notifications.broadcasts.sending import Audience, NewBroadcast, broadcast_create
due_at = timezone.now() + timedelta(seconds={delay_s})
broadcast_create(
    NewBroadcast(form_key=uuid4(), title="{title}", text="By beat and worker.", level="info", link="",
                 audience=Audience(kind="everybody"), due_at=due_at),
    created_by=None,
)
"""
NETWORK_ERRORS = (Closed, OSError, WebSocketException, TimeoutError)


class Failed(Exception):
    """The installation did not keep a promise."""


def must(condition: object, sentence: str) -> None:
    if not condition:
        raise Failed(sentence)


class Socket(Client):
    """A client that knows which replica it is on."""

    replica_address = ""
    connection: ClientConnection

    async def open(self) -> ClientConnection:
        self.connection = await super().open()
        response = self.connection.response
        served_by = response.headers["X-Served-By"] if response is not None else ""
        # Those before the last did not answer.
        self.replica_address = served_by.split(",")[-1].strip().rpartition(":")[0]
        return self.connection


class Person:
    """One browser: a cookie jar, the HTTP API, and one socket that comes back by itself."""

    def __init__(self, origin: str, name: str) -> None:
        self.origin = origin
        self.name = f"{name}-{uuid4().hex[:8]}"
        self.id = 0
        self.sent: list[str] = []
        self.comebacks_s: list[float] = []
        self._open = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context()),
            urllib.request.HTTPCookieProcessor(self._cookies),
        )
        self.socket: Socket

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call of the HTTP API, as the page makes it: a read is repeated when the proxy found no replica."""
        headers = {"Content-Type": "application/json", "Origin": self.origin, "X-CSRFToken": self._csrf_token}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.origin + path, data, headers, method=method)  # noqa: S310
        for _ in range(READ_REPEATS if method == "GET" else 0):
            try:
                return self._answer(request)
            except urllib.error.HTTPError as error:
                must(error.code in GATEWAY_ERRORS, f"{method} {path} answered {error.code}.")
                time.sleep(RETRY_S)
        return self._answer(request)

    def _answer(self, request: urllib.request.Request) -> Any:
        with self._opener.open(request, timeout=15) as response:
            return json.load(response)

    def events_by_http(self, stream: str, subscribed: threading.Event) -> Any:
        """Follows a stream without a WebSocket, and returns the first event of it."""
        headers = {"Origin": self.origin, "Accept": "text/event-stream"}
        request = urllib.request.Request(self.origin + "/sse", headers=headers)  # noqa: S310
        with self._opener.open(request, timeout=15) as response:
            frames = (json.loads(line[6:]) for line in response if line.startswith(b"data: "))
            address = next(frames)["address"]
            self._post_frame(address, {"type": "hello", "id": 1, "protocol": 1, "streams": []})
            self._post_frame(address, {"type": "subscribe", "id": 2, "stream": stream})
            for frame in frames:
                if frame.get("id") == 2:
                    must(frame["type"] == "reply", f"Not subscribed by HTTP: {frame}.")
                    subscribed.set()
                if frame["type"] == "event" and frame["stream"] == stream and "seq" in frame:
                    return frame
        raise Failed("The event stream ended.")

    def _post_frame(self, address: str, frame: dict[str, Any]) -> None:
        headers = {"Carillon-Session": address, "Content-Type": "application/json", "Origin": self.origin}
        body = json.dumps(frame).encode()
        request = urllib.request.Request(self.origin + "/sse", body, headers)  # noqa: S310
        with self._opener.open(request, timeout=15) as response:
            must(response.status == 202, f"POST /sse answered {response.status}.")

    def sign_up(self) -> None:
        self.ask("GET", "/api/session")
        password = uuid4().hex
        self.ask("POST", "/api/auth/signup", {"username": self.name, "password": password})
        self.ask("POST", "/api/auth/logout", {})
        state = self.ask("POST", "/api/auth/login", {"username": self.name, "password": password})
        self.id = state["user"]["id"]

    async def connect(self, stream: str, replica_address: str) -> None:
        """Opens the socket, on that replica, and keeps it open from now on."""
        address = self.origin.replace("http", "ws", 1) + "/ws"
        self.socket = Socket(address, cookie=self._cookie_header, origin=self.origin, timeout_s=5.0)
        await self.socket.connect()
        await self.socket.subscribe(stream)
        await self.move_to(replica_address)

    async def move_to(self, replica_address: str) -> None:
        """Reconnects with the cursors until the proxy chooses that replica."""
        if self._keeper is not None:
            self._keeper.cancel()
        try:
            async with asyncio.timeout(COME_BACK_TIMEOUT_S):
                while self.socket.replica_address != replica_address:
                    await asyncio.sleep(RETRY_S)  # nginx looks for replicas that are back every few seconds
                    await self.socket.reconnect()
        except TimeoutError:
            raise Failed(
                f"No socket reached the replica at {replica_address} within {COME_BACK_TIMEOUT_S:.0f} s."
            ) from None
        self._keeper = asyncio.create_task(self._keep_open())

    async def say(self, room: int, text: str) -> None:
        """Sends until it is acknowledged, always with the same client_id."""
        client_id = uuid4().hex
        while True:
            await self.wait_until_open()
            connection = self.socket.connection
            try:
                await self.socket.call("chat.message_send", room=room, text=text, client_id=client_id)
                break
            except CallFailed as error:
                must(error.frame["retry"], f"{self.name} was refused: {error}.")
                await asyncio.sleep(error.frame.get("retry_after_ms", 200) / 1000)
            except NETWORK_ERRORS:
                connection.transport.abort()
                await connection.wait_closed()
                self._open.clear()
        self.sent.append(text)

    async def wait_until_open(self) -> None:
        try:
            await asyncio.wait_for(self._open.wait(), COME_BACK_TIMEOUT_S)
        except TimeoutError:
            raise Failed(f"{self.name} did not come back within {COME_BACK_TIMEOUT_S:.0f} s.") from None

    async def close(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
        await self.socket.close()

    async def _keep_open(self) -> None:
        """Reconnects with the cursors whenever the socket is lost, after the delay that the server asked for."""
        while True:
            self._open.set()
            await self.socket.connection.wait_closed()
            self._open.clear()
            lost_at = time.monotonic()
            bye = self.socket.bye or {}
            await asyncio.sleep(bye.get("after_ms", 0) / 1000)
            await self._reconnect()
            self.comebacks_s.append(time.monotonic() - lost_at)

    async def _reconnect(self) -> None:
        while True:
            try:
                await self.socket.reconnect()
                return
            except NETWORK_ERRORS:
                await asyncio.sleep(RETRY_S)

    @property
    def _csrf_token(self) -> str:
        return next((cookie.value or "" for cookie in self._cookies if cookie.name == "csrftoken"), "")

    @property
    def _cookie_header(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._cookies)


async def compose(*words: str) -> str:
    """A compose command's output."""
    process = await asyncio.create_subprocess_exec(
        *COMPOSE,
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    must(process.returncode == 0, f"compose {' '.join(words)}: {errors.decode(errors='replace')[-1000:]}")
    return output.decode().strip()


async def address_of(replica: str) -> str:
    """The replica's address on the network that it shares with the proxy."""
    return (await compose("exec", "-T", replica, "hostname", "-i")).split()[0]


async def ready(replica: str) -> None:
    """Waits until the replica's own health check passes."""
    deadline = time.monotonic() + 120
    while True:
        try:
            await compose("exec", "-T", replica, "python", "deploy/healthcheck.py")
            return
        except Failed:
            must(time.monotonic() < deadline, f"{replica} did not become ready.")
            await asyncio.sleep(0.5)


async def talk(people: list[Person], room: int, numbers: count[int], until: asyncio.Event | None) -> None:
    """Everybody sends at once: MESSAGES_EACH messages, and on until the event is set."""

    async def one(person: Person) -> None:
        sent = 0
        while sent < MESSAGES_EACH or (until is not None and not until.is_set()):
            await person.say(room, f"{person.name} says {next(numbers)}")
            sent += 1
            await asyncio.sleep(SEND_INTERVAL_S)

    await asyncio.gather(*(one(person) for person in people))


async def talk_during(people: list[Person], room: int, numbers: count[int], *words: str) -> None:
    """Everybody sends before, while and after a compose command does its work."""
    over = asyncio.Event()
    talking = asyncio.create_task(talk(people, room, numbers, over))
    try:
        await asyncio.sleep(SEND_INTERVAL_S * 5)
        await compose(*words)
        await asyncio.sleep(SEND_INTERVAL_S * 20)
    finally:
        over.set()
        await talking


def history(person: Person, room: int) -> list[dict[str, Any]]:
    """The room's messages, oldest first."""
    found: list[dict[str, Any]] = []
    before = ""
    while True:
        page = person.ask("GET", f"/api/rooms/{room}/messages?limit=200{before}")
        found = page["items"] + found
        if not page["has_more"]:
            return found
        before = f"&before={page['items'][0]['number']}"


async def all_equal(people: list[Person], room: int, stream: str) -> int:
    """Fails unless everybody saw what was sent: no hole, nothing twice, equal to the history. How many messages."""
    kept = history(people[0], room)
    last_seq = max(message["seq"] for message in kept)
    for person in people:
        try:
            async with asyncio.timeout(PEER_TIMEOUT_S):
                while (person.socket.seqs(stream) or [0])[-1] < last_seq:
                    await person.wait_until_open()
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise Failed(f"{person.name} saw {person.socket.seqs(stream)[-1:]} of {last_seq}.") from None
        seqs = person.socket.seqs(stream)
        must(
            seqs == list(range(seqs[0], seqs[0] + len(seqs))),
            f"{person.name}: a hole or a duplicate in {seqs}.",
        )
        seen = [
            event["data"]["message"]["text"]
            for event in person.socket.events
            if event["stream"] == stream and event["name"] == "chat.message_created"
        ]
        must(
            seen == [message["text"] for message in kept],
            f"{person.name} saw other messages than the history's.",
        )
    sent = sorted(text for person in people for text in person.sent)
    must(sorted(message["text"] for message in kept) == sent, "The history is not what was acknowledged.")
    return len(kept)


async def broadcast_reaches(people: list[Person]) -> None:
    """One broadcast, due in a moment: beat finds it, the worker sends it, every open socket gets it once."""
    title = f"Trial {uuid4().hex[:8]}"
    for person in people:
        await person.socket.subscribe("audience:all")
    words = BROADCAST.format(delay_s=BROADCAST_DELAY_S, title=title)
    await compose("exec", "-T", "web1", "python", "manage.py", "shell", "-c", words)
    for person in people:
        async with asyncio.timeout(PEER_TIMEOUT_S):
            while True:
                event = await person.socket.next_event("notifications.created", "audience:all")
                if event["data"]["item"]["title"] == title:
                    break


async def main(origin: str) -> None:
    ada, ben = people = [Person(origin, "ada"), Person(origin, "ben")]
    for person in people:
        await asyncio.to_thread(person.sign_up)
    opened = ada.ask("POST", "/api/rooms", {"kind": "private", "name": "Trial", "client_id": uuid4().hex})
    room = opened["room"]["id"]
    stream = f"room:{room}"
    ada.ask("POST", f"/api/rooms/{room}/invite", {"user": ben.id, "client_id": uuid4().hex})

    first, second = REPLICAS
    addresses = {replica: await address_of(replica) for replica in REPLICAS}
    await ada.connect(stream, addresses[first])
    await ben.connect(stream, addresses[second])
    print(f"{ada.name} is on {first}, {ben.name} on {second}.", flush=True)

    numbers = count(1)
    await talk(people, room, numbers, None)
    print(f"Both ways across the replicas: {await all_equal(people, room, stream)} messages.", flush=True)

    subscribed = threading.Event()
    by_http = asyncio.create_task(asyncio.to_thread(ben.events_by_http, stream, subscribed))
    must(await asyncio.to_thread(subscribed.wait, 15), f"{ben.name} could not follow the room by HTTP.")
    said_at = time.monotonic()
    await ada.say(room, f"{ada.name} says {next(numbers)}")
    await asyncio.wait_for(by_http, PEER_TIMEOUT_S)
    print(f"Server-sent events: {(time.monotonic() - said_at) * 1000:.0f} ms after the send.", flush=True)

    await broadcast_reaches(people)
    print("A scheduled broadcast reached both, through beat and worker.", flush=True)

    await talk_during(people, room, numbers, "kill", first)
    total = await all_equal(people, room, stream)
    must(ada.comebacks_s, f"{ada.name} never lost the socket on {first}.")
    must(ada.socket.replica_address == addresses[second], f"{ada.name} is not on {second} after the kill.")
    print(
        f"{first} killed: {ada.name} came back on {second} within {ada.comebacks_s[0] * 1000:.0f} ms; "
        f"{total} messages, nothing lost, nothing twice.",
        flush=True,
    )

    await compose("start", first)
    await ready(first)
    addresses[first] = await address_of(first)
    await ada.move_to(addresses[first])
    print(f"{first} is back and serves {ada.name} again.", flush=True)

    before = len(ben.comebacks_s)
    await talk_during(people, room, numbers, "stop", second)
    total = await all_equal(people, room, stream)
    must(len(ben.comebacks_s) > before, f"{ben.name} never lost the socket on {second}.")
    must(ben.socket.replica_address == addresses[first], f"{ben.name} is not on {first} after the drain.")
    print(
        f"{second} drained: {ben.name} came back on {first} within {ben.comebacks_s[before] * 1000:.0f} ms "
        f"(its goodbye's delay included); {total} messages, nothing lost, nothing twice.",
        flush=True,
    )
    for person in people:
        await person.close()


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1].rstrip("/")))
    except (Failed, urllib.error.HTTPError) as failure:
        sys.exit(f"FAILED: {failure}")
