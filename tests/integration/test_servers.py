"""The same short conversation on every server that the project promises to run under, each a real process."""

import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import websockets
from asgiref.sync import async_to_sync

from realtime.layer import RedisLayer
from realtime.testing.client import Client
from realtime.testing.stack import (
    MANAGE,
    START_TIMEOUT_S,
    Databases,
    Running,
    Stack,
    free_port,
    running_stack,
)
from realtime.testing.waiting import wait_until
from tests.support.people import PASSWORD, client_id
from tests.support.services import Services

APPLICATION = "realtime.asgi:application"
TUTORIAL = "tests.integration.tutorial"
SERVERS: dict[str, Callable[[int], list[str]]] = {
    "serve": lambda port: [*MANAGE, "serve", "--port", str(port)],
    "daphne": lambda port: [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), APPLICATION],
    "runserver": lambda port: [*MANAGE, "runserver", "--noreload", f"127.0.0.1:{port}"],
    "uvicorn": lambda port: [sys.executable, "-m", "uvicorn", "--port", str(port), APPLICATION],
}


@pytest.fixture(scope="module")
def stack(services: Services, databases: Databases) -> Iterator[Stack]:
    directory = Path(tempfile.mkdtemp(prefix="servers-", dir=services.directory))
    with running_stack(directory, database_url=databases.fresh()) as stack:
        yield stack


class Address:
    def __init__(self, process: Running, port: int) -> None:
        self.process = process
        self.http = f"http://127.0.0.1:{port}"
        self.websocket = f"ws://127.0.0.1:{port}"

    def answers(self) -> bool:
        assert self.process.returncode is None, self.process.log[-4000:]
        try:
            return httpx2.get(f"{self.http}/healthz", trust_env=False).status_code == 200
        except httpx2.TransportError:
            return False


def start(stack: Stack, name: str, command: Callable[[int], list[str]]) -> Address:
    port = free_port()
    address = Address(stack.start(name, command(port), environment={"PORT": str(port)}), port)
    wait_until(address.answers, f"{name} answers", timeout_s=START_TIMEOUT_S)
    return address


@pytest.fixture(params=SERVERS)
def address(request: pytest.FixtureRequest, stack: Stack) -> Iterator[Address]:
    address = start(stack, request.param, SERVERS[request.param])
    yield address
    stack.running.pop(request.param).stop()


class Phone:
    """A person with a token, as a mobile application has it."""

    def __init__(self, address: Address, name: str) -> None:
        self._http = httpx2.Client(base_url=address.http, trust_env=False)
        self._http.get("/api/session")
        csrf = {"X-CSRFToken": self._http.cookies["csrftoken"], "Origin": address.http}
        self.me = self._post("/api/auth/signup", csrf, username=name, password=PASSWORD)["user"]
        token = self._post("/api/auth/token", csrf, username=name, password=PASSWORD, device="phone")[
            "access"
        ]
        self._http.cookies.clear()
        self._bearer = {"Authorization": f"Bearer {token}"}
        self.client = Client(f"{address.websocket}/ws", token=token, streams=[f"user:{self.me['id']}"])

    async def __aenter__(self) -> None:
        await self.client.connect()

    async def __aexit__(self, *exc: object) -> None:
        await self.client.close()
        self._http.close()

    def post(self, path: str, **body: Any) -> Any:
        return self._post(path, self._bearer, **body)

    def get(self, path: str) -> Any:
        return self._http.get(path, headers=self._bearer).json()

    def _post(self, path: str, headers: dict[str, str], **body: Any) -> Any:
        answer = self._http.post(path, json={"client_id": client_id(), **body}, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def test_two_people_talk_one_is_cut_off_and_misses_nothing(address: Address) -> None:
    kind = address.process.name
    ann, bob = Phone(address, f"ann_{kind}"), Phone(address, f"bob_{kind}")
    room = ann.post("/api/rooms", kind="private", name=f"On {kind}")
    room_id = room.get("room", room)["id"]
    ann.post(f"/api/rooms/{room_id}/invite", user=bob.me["id"])
    stream = f"room:{room_id}"

    async with ann, bob:
        await ann.client.subscribe(stream)
        await bob.client.subscribe(stream)

        sent = await ann.client.call("chat.message_send", room=room_id, text="hello")
        heard = await bob.client.next_event("chat.message_created", stream)
        assert heard["data"]["message"]["text"] == "hello"
        assert heard["seq"] == sent["seq"]

        await bob.client.drop()
        for number in range(3):
            await ann.client.call("chat.message_send", room=room_id, text=f"missed {number}")
        ann.post(f"/api/rooms/{room_id}/messages", text="by HTTP")
        await bob.client.connect()
        texts = [
            (await bob.client.next_event("chat.message_created", stream))["data"]["message"]["text"]
            for _ in range(4)
        ]
        assert texts == ["missed 0", "missed 1", "missed 2", "by HTTP"]

        await bob.client.call("chat.message_send", room=room_id, text="got it all")
        await ann.client.until(lambda: any("got it all" in json.dumps(event) for event in ann.client.events))
        assert bob.client.seqs(stream) == sorted(set(bob.client.seqs(stream)))

        history = ann.get(f"/api/rooms/{room_id}/messages")["items"]
    assert [message["text"] for message in history] == [
        "hello",
        "missed 0",
        "missed 1",
        "missed 2",
        "by HTTP",
        "got it all",
    ]


async def test_our_server_says_bye_when_it_is_asked_to_stop(stack: Stack) -> None:
    address = start(stack, "leaving", SERVERS["serve"])
    phone = Phone(address, "zoe_leaving")
    async with phone:
        address.process.send(signal.SIGTERM)
        closed = await phone.client.closed()
        assert closed.bye is not None
        assert (closed.bye["code"], closed.bye["retry"]) == ("draining", True)
        assert closed.code is not None
        assert 4000 <= closed.code <= 4499
    assert address.process.wait() == 0, address.process.log[-4000:]
    assert "Traceback" not in address.process.log


TUTORIAL_SERVERS: dict[str, Callable[[int], list[str]]] = {
    "tutorial on serve": lambda port: [sys.executable, "-m", TUTORIAL, str(port)],
    "tutorial on daphne": lambda port: [
        *(sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port)),
        f"{TUTORIAL}:application",
    ],
}


@pytest.mark.parametrize("name", TUTORIAL_SERVERS)
async def test_ordinary_channels_code_works_across_processes(stack: Stack, name: str) -> None:
    one = start(stack, f"{name} 1", TUTORIAL_SERVERS[name])
    other = start(stack, f"{name} 2", TUTORIAL_SERVERS[name])
    headers = {"Origin": one.http}
    async with (
        websockets.connect(f"{one.websocket}/ws/chat/lobby/", additional_headers=headers) as ann,
        websockets.connect(f"{other.websocket}/ws/chat/lobby/", additional_headers=headers) as bob,
        websockets.connect(f"{other.websocket}/ws/chat/elsewhere/", additional_headers=headers) as eve,
    ):
        await ann.send(json.dumps({"message": "hello"}))
        assert json.loads(await ann.recv()) == {"message": "hello"}
        assert json.loads(await bob.recv()) == {"message": "hello"}

        layer = RedisLayer(url=stack.redis.url)
        for room in ("lobby", "elsewhere"):
            await _from_sync_code(layer, f"chat_{room}", {"type": "chat.message", "message": f"to {room}"})
        assert json.loads(await bob.recv()) == {"message": "to lobby"}
        assert json.loads(await eve.recv()) == {"message": "to elsewhere"}
        await layer.aclose()
    for address in (one, other):
        stack.running.pop(address.process.name)
        assert address.process.stop() == 0, address.process.log[-4000:]


async def _from_sync_code(layer: RedisLayer, group: str, message: dict[str, Any]) -> None:
    """`async_to_sync(layer.group_send)` in a thread, as a view or a task does."""

    await asyncio.to_thread(async_to_sync(layer.group_send), group, message)
