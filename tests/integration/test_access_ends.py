"""Access that ends: on another process nothing more arrives, within a second, and the client is told why."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from realtime.testing.client import CallFailed, Client
from tests.support.pair import PASSWORD, Pair, Person, request

WITHIN_S = 1.0

_KICK = """
from uuid import uuid4
from accounts.models import User
from chat import services
services.room_kick(user=User.objects.get(pk=owner_id), room=room, kicked=kicked_id, client_id=uuid4().hex)
"""
_SEND = """
from uuid import uuid4
from accounts.models import User
from chat.sending import message_send
result = message_send(author=User.objects.get(pk=author_id), room=room, text=text, client_id=uuid4().hex).seq
"""


async def kick(pair: Pair, owner: Person, room: int, kicked: Person) -> None:
    await asyncio.to_thread(pair.backstage.run, _KICK, owner_id=owner.id, room=room, kicked_id=kicked.id)


async def say(pair: Pair, author: Person, room: int, text: str) -> int:
    """A message from a third process; its number on the stream."""
    run = pair.backstage.run
    return int(await asyncio.to_thread(run, _SEND, author_id=author.id, room=room, text=text))


async def within_a_second(started: float, what: str) -> None:
    took_s = time.monotonic() - started
    assert took_s < WITHIN_S + 0.5, f"{what} took {took_s:.2f} s"


# ---- out of a room


async def test_a_kicked_user_is_told_and_gets_nothing_more_elsewhere(pair: Pair) -> None:
    ann, bob, eve = pair.person(), pair.person(), pair.person()
    room = pair.room(ann, bob, eve)
    stream = f"room:{room}"
    async with (
        pair.client(ann, "a", stream) as owner,
        pair.client(bob, "a", stream) as same,
        pair.client(bob, "b", stream) as other,
        pair.client(eve, "b", stream) as witness,
    ):
        await owner.call("chat.room_kick", room=room, user=bob.id)
        started = time.monotonic()
        for client in (same, other):
            assert (await client.next_frame("revoked"))["stream"] == stream
        await within_a_second(started, "the kick")
        sent = await owner.call("chat.message_send", room=room, text="he is gone")
        await witness.until(lambda: sent["seq"] in witness.seqs(stream))
        for client in (same, other):
            await pong(client)
            assert sent["seq"] not in client.seqs(stream)
            for name, args in (
                ("chat.message_send", {"room": room, "text": "still here?"}),
                ("chat.typing", {"room": room}),
                ("presence.watch", {"stream": stream}),
            ):
                with pytest.raises(CallFailed):
                    await client.call(name, **args)
            with pytest.raises(CallFailed) as caught:
                await client.request("subscribe", **client.cursors[stream])
            assert caught.value.code == "not_found"


async def test_a_kicked_user_cannot_recover_with_an_old_cursor(pair: Pair) -> None:
    ann, bob = pair.person(), pair.person()
    room = pair.room(ann, bob)
    stream = f"room:{room}"
    client = pair.client(bob, "b", stream)
    await client.connect()
    await client.drop()
    await kick(pair, ann, room, bob)
    await say(pair, ann, room, "secret")
    welcome = await client.connect()
    try:
        (state,) = welcome["streams"]
        assert (state["error"], state["recovered"]) == ("not_found", False)
        assert "epoch" not in state or state["epoch"] == ""
        await pong(client)
        assert client.seqs(stream) == []
    finally:
        await client.close()


async def test_who_comes_back_into_a_room_goes_on_from_the_old_cursor(pair: Pair) -> None:
    ann, bob = pair.person(), pair.person()
    room = pair.room(ann, bob)
    stream = f"room:{room}"
    async with pair.client(ann, "a") as owner, pair.client(bob, "b", stream) as client:
        await owner.call("chat.room_kick", room=room, user=bob.id)
        await client.next_frame("revoked")
        await owner.call("chat.room_invite", room=room, user=bob.id)
        await client.request("subscribe", **client.cursors[stream])
        sent = await owner.call("chat.message_send", room=room, text="welcome back")
        await client.until(lambda: sent["seq"] in client.seqs(stream))
        seqs = client.seqs(stream)
        assert seqs == list(range(seqs[0], sent["seq"] + 1))


async def test_a_kick_while_hello_is_on_its_way_is_not_missed(pair: Pair) -> None:
    """Whatever the order in which the two meet, within a second nothing more of the room arrives."""
    ann = pair.person()
    for attempt in range(12):
        bob = pair.person()
        room = pair.room(ann, bob)
        stream = f"room:{room}"
        client = pair.client(bob, "b", stream)
        client.cursors[stream] = {"stream": stream, "seq": 0}
        greeting = asyncio.create_task(client.connect())
        await asyncio.sleep(0.004 * attempt)  # another place of the handshake each time
        await kick(pair, ann, room, bob)
        kicked = time.monotonic()
        welcome = await greeting
        (state,) = welcome["streams"]
        if "error" not in state:
            await client.next_frame("revoked")
            await within_a_second(kicked, "the kick")
        secret = await say(pair, ann, room, "secret")
        await pong(client)
        assert secret not in client.seqs(stream)
        await client.close()


# ---- the end of a log-in

_End = Callable[[Pair, Person], Awaitable[Any]]


async def revoke_device(pair: Pair, person: Person) -> None:
    status, _ = await pair.http("DELETE", f"/api/devices/{person.device}", person=person)
    assert status == 200


async def revoke_token(pair: Pair, person: Person) -> None:
    status, _ = await pair.http("POST", "/api/auth/token/revoke", body={"refresh": person.refresh})
    assert status == 200


async def deactivate(pair: Pair, person: Person) -> None:
    code = """
from accounts.models import User
from accounts.services import user_end_sessions
user = User.objects.get(pk=user_id)
user.is_active = False
user.save()
user_end_sessions(user, code="account_disabled")
"""
    await asyncio.to_thread(pair.backstage.run, code, user_id=person.id)


async def change_password(pair: Pair, person: Person) -> None:
    """From another device."""
    body = {"username": person.username, "password": PASSWORD, "device": "other"}
    _, tokens = await pair.http("POST", "/api/auth/token", body=body)
    other = dataclasses.replace(person, token=tokens["access"])
    body = {"old_password": PASSWORD, "new_password": "another horse 42"}
    status, _ = await pair.http("POST", "/api/auth/password", person=other, body=body)
    assert status == 200


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (revoke_device, "device_revoked"),
        (revoke_token, "device_revoked"),
        (deactivate, "account_disabled"),
        (change_password, "password_changed"),
    ],
)
async def test_an_ended_log_in_is_told_and_closed_on_the_other_process(
    pair: Pair, end: _End, code: str
) -> None:
    ann, bob = pair.person(), pair.person()
    room = pair.room(ann, bob)
    stream = f"room:{room}"
    async with pair.client(bob, "b", stream) as client:
        await end(pair, bob)
        started = time.monotonic()
        closed = await client.closed()
        await within_a_second(started, end.__name__)
        assert closed.bye is not None
        assert (closed.code, closed.bye["code"], closed.bye["retry"]) == (4502, code, False)
        sent = await say(pair, ann, room, "he is gone")
        assert sent not in client.seqs(stream)
        with pytest.raises(CallFailed) as caught:
            await client.connect()
        assert caught.value.code in ("auth_invalid", "account_disabled")


async def test_a_log_in_that_ends_without_a_word_is_found_by_the_check(pair: Pair) -> None:
    """By raw SQL, say: nothing is published, and the check that runs every RECHECK_INTERVAL_S sees it."""
    bob = pair.person()
    async with pair.client(bob, "b") as client:
        code = "from accounts.models import User\nUser.objects.filter(pk=user_id).update(is_active=False)"
        await asyncio.to_thread(pair.backstage.run, code, user_id=bob.id)
        closed = await client.closed()
        assert (closed.code, closed.bye and closed.bye["code"]) == (4502, "logged_out")


async def test_a_logged_out_browser_is_closed_and_the_users_phone_is_not(pair: Pair) -> None:
    bob = pair.person()
    key = pair.session_key(bob)
    async with pair.browser(key, "b") as browser, pair.client(bob, "b") as phone:
        await asyncio.to_thread(log_out, pair, key)
        started = time.monotonic()
        closed = await browser.closed()
        await within_a_second(started, "the log-out")
        assert (closed.code, closed.bye and closed.bye["code"]) == (4502, "logged_out")
        await pong(phone)


async def test_a_token_that_expires_ends_its_socket(pair: Pair) -> None:
    bob = pair.person()
    client = pair.client(None, "b", token=short_token(pair, bob, seconds=2))
    await client.connect()
    assert (await client.next_frame("auth_expiring"))["in_ms"] <= 2_000
    closed = await client.closed()
    assert closed.bye is not None
    assert (closed.code, closed.bye["code"], closed.bye["retry"]) == (4401, "auth_expired", True)


async def test_a_token_renewed_in_time_keeps_its_socket(pair: Pair) -> None:
    bob = pair.person()
    client = pair.client(None, "b", token=short_token(pair, bob, seconds=2))
    await client.connect()
    try:
        await client.next_frame("auth_expiring")
        await client.request("auth_refresh", token=bob.token)
        await asyncio.sleep(2.5)  # beyond the end of the first token
        await pong(client)
    finally:
        await client.close()


# ---- without Redis


async def test_without_redis_access_ends_all_the_same(fragile_pair: Pair) -> None:
    pair = fragile_pair
    ann, bob, eve, dan = (pair.person() for _ in range(4))
    room = pair.room(ann, bob, eve, dan)
    stream = f"room:{room}"
    async with (
        pair.client(ann, "a", stream) as owner,
        pair.client(bob, "b", stream) as kicked,
        pair.client(eve, "b", stream) as witness,
        pair.client(dan, "b", stream) as revoked,
    ):
        pair.stack.redis.kill()
        await owner.call("chat.room_kick", room=room, user=bob.id)
        started = time.monotonic()
        sent = await owner.call("chat.message_send", room=room, text="he is gone")
        await kicked.next_frame("revoked")
        await within_a_second(started, "the kick")
        await witness.until(lambda: sent["seq"] in witness.seqs(stream))
        await pong(kicked)
        assert sent["seq"] not in kicked.seqs(stream)
        await revoke_device(pair, dan)
        started = time.monotonic()
        assert (await revoked.closed()).code == 4502
        await within_a_second(started, "the device's end")
        seqs = witness.seqs(stream)
        assert seqs == list(range(seqs[0], seqs[-1] + 1))
        pair.stack.redis.start()


# ---- parts


async def pong(client: Client) -> None:
    """Returns once the server has answered, so that whatever it sent before has come."""
    number = time.monotonic_ns() % 10**9
    await client.send_frame({"type": "ping", "id": number})
    await client.until(lambda: any(one["type"] == "pong" and one["id"] == number for one in client.frames))


def log_out(pair: Pair, key: str) -> None:
    token = "a" * 32
    headers = {"Cookie": f"sessionid={key}; csrftoken={token}", "X-CSRFToken": token}
    status, _ = request("POST", pair.stack.url("a") + "/api/auth/logout", headers=headers, body={})
    assert status == 200


def short_token(pair: Pair, person: Person, *, seconds: int) -> str:
    code = """
from accounts import tokens
from accounts.models import User
user = User.objects.get(pk=user_id)
kept, tokens.ACCESS_LIFETIME_S = tokens.ACCESS_LIFETIME_S, seconds
result = tokens.access_token(user_id=user.pk, device_id=device_id, version=user.credentials_version)
tokens.ACCESS_LIFETIME_S = kept
"""
    return str(pair.backstage.run(code, user_id=person.id, device_id=person.device, seconds=seconds))
