"""Two server processes on one database and one redis, a backstage process, and people who use them."""

from __future__ import annotations

import asyncio
import itertools
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from realtime.testing.client import Client
from realtime.testing.stack import Stack, running_stack
from tests.support.backstage import Backstage

_numbers = itertools.count(1)

_MAKE_PERSON = """
from accounts.models import User
from accounts.services import token_issue
user = User.objects.create_user(username, password=password, is_staff=staff)
tokens = token_issue(user, device_name="test")
result = {"id": user.pk, "username": username, "token": tokens.access, "refresh": tokens.refresh,
          "device": tokens.device_id}
"""

_MAKE_SESSION = """
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.auth import SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY
from accounts.models import User
from accounts.services import device_of_browser
user = User.objects.get(pk=user_id)
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.create()
device_of_browser(session, user)
result = session.session_key
"""

_MAKE_ROOM = """
from uuid import uuid4
from accounts.models import User
from chat import services
owner = User.objects.get(pk=owner_id)
result = services.room_create(
    user=owner, kind="private", name=name, topic="", client_id=uuid4().hex).room.id
for member in member_ids:
    services.room_invite(user=owner, room=result, invited=member, client_id=uuid4().hex)
"""

PASSWORD = "correct horse 42"


@dataclass(frozen=True)
class Person:
    id: int
    username: str
    token: str
    refresh: str
    device: int


class Pair:
    """The installation that most gateway tests share. What one test does must not hurt the next."""

    def __init__(self, stack: Stack, backstage: Backstage) -> None:
        self.stack = stack
        self.backstage = backstage

    # ---- people and rooms

    def person(self, *, staff: bool = False) -> Person:
        made = self.backstage.run(
            _MAKE_PERSON, username=f"person{next(_numbers)}", password=PASSWORD, staff=staff
        )
        return Person(**made)

    def session_key(self, person: Person) -> str:
        """A browser's session of that person."""
        return str(self.backstage.run(_MAKE_SESSION, user_id=person.id))

    def room(self, owner: Person, *members: Person) -> int:
        name = f"Room {next(_numbers)}"
        return int(
            self.backstage.run(
                _MAKE_ROOM, owner_id=owner.id, name=name, member_ids=[member.id for member in members]
            )
        )

    # ---- sockets and requests

    def ws_url(self, name: str = "a") -> str:
        return self.stack.url(name).replace("http", "ws") + "/ws"

    def client(self, person: Person | None, name: str = "a", *streams: str, **options: Any) -> Client:
        """A phone's client of that person at process `a` or `b`."""
        token = person.token if person else None
        return Client(self.ws_url(name), **{"token": token, "streams": streams, **options})

    def browser(self, key: str, name: str = "a", *streams: str) -> Client:
        """A browser's client with that session."""
        return Client(
            self.ws_url(name), cookie=f"sessionid={key}", origin=self.stack.url(name), streams=streams
        )

    async def http(
        self, method: str, path: str, *, person: Person | None = None, name: str = "a", **options: Any
    ) -> tuple[int, Any]:
        """Status and JSON (or text) of a request to the API."""
        return await asyncio.to_thread(
            request, method, self.stack.url(name) + path, token=person.token if person else None, **options
        )

    def alive(self) -> bool:
        """Whether every process still runs."""
        return all(process.returncode is None for process in self.stack.running.values())


def request(
    method: str,
    url: str,
    *,
    token: str | None = None,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    """Status and decoded body of one HTTP request."""
    sent = dict(headers or {})
    if token:
        sent["Authorization"] = f"Bearer {token}"
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        sent["Content-Type"] = "application/json"
    ask = urllib.request.Request(url, data=data, headers=sent, method=method)
    try:
        with urllib.request.urlopen(ask, timeout=20) as answer:
            return answer.status, _decoded(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _decoded(error.read())


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")


@contextmanager
def running_pair(
    directory: Path, *, database_url: str, environment: Mapping[str, str] | None = None
) -> Iterator[Pair]:
    """Processes `a` and `b`, and the backstage; everything is stopped at the end."""
    # TESTING makes passwords cheap to check.
    chosen = {"TESTING": "1", **(environment or {})}
    with running_stack(directory, database_url=database_url, environment=chosen) as stack:
        backstage = Backstage(stack.environment)
        try:
            with ThreadPoolExecutor() as pool:
                list(pool.map(stack.start_web, "ab"))
            yield Pair(stack, backstage)
        finally:
            backstage.stop()
            for name in list(stack.running):
                stack.kill(name)  # a good end is tested elsewhere, and takes its time
