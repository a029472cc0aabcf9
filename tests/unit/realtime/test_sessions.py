"""The sessions of a process: their start, and what is remembered of access that changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError

from realtime import database, end_sessions, revoke_stream
from realtime.errors import Unavailable
from realtime.gateway.commands import Calls
from realtime.gateway.handshake import Arrival
from realtime.gateway.session import Session
from realtime.gateway.sessions import Sessions
from realtime.gateway.sse import SseConnection
from realtime.hub import Hub
from realtime.identity import Credentials, Identity
from realtime.protocol.frames import CloseCode
from realtime.testing.waiting import await_until


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    hub = Hub(asyncio.get_running_loop())
    yield hub
    await hub.stop()


async def test_a_start_that_failed_is_tried_again_by_the_next_connection(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Sessions(hub)

    async def fail(names: Any) -> Any:
        raise OperationalError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(hub, "open", fail)
        for _ in range(2):
            with pytest.raises(OperationalError):
                await sessions.started()
    await sessions.started()
    assert "system:access" in hub.streams


async def test_a_database_that_is_away_ends_the_first_session_with_a_goodbye(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions, connection = Sessions(hub), SseConnection()
    session = Session(connection, Arrival(Credentials(), None), sessions, hub)

    async def fail(names: Any) -> Any:
        raise OperationalError("the database is away")

    monkeypatch.setattr(hub, "open", fail)
    await sessions.ready_for(session)
    sent = b"".join([chunk async for chunk in connection.chunks()]).decode()
    assert '"type":"bye","code":"unavailable","retry":true' in sent
    assert f'"code":{CloseCode.UNAVAILABLE}' in sent


async def test_a_hello_that_waits_too_long_is_told_to_come_back(hub: Hub) -> None:
    sessions, connection = Sessions(hub), SseConnection()
    session = Session(connection, Arrival(Credentials(token="x"), None), sessions, hub)
    sessions.opened(session)
    async with AsyncExitStack() as everybody_else:
        for _ in range(8):
            await everybody_else.enter_async_context(sessions.greeting)
        greeting = asyncio.create_task(session.received({"text": '{"type":"hello","id":1}'}))
        await asyncio.sleep(0)
        session.tick(session.due)
    await greeting
    sent = b"".join([chunk async for chunk in connection.chunks()]).decode()
    assert '"type":"bye","code":"unavailable","retry":true' in sent
    assert f'"code":{CloseCode.UNAVAILABLE}' in sent
    sessions.closed(session)


async def test_a_socket_that_says_nothing_is_told_that_it_had_to(hub: Hub) -> None:
    sessions, connection = Sessions(hub), SseConnection()
    session = Session(connection, Arrival(Credentials(), None), sessions, hub)
    session.tick(session.due)
    sent = b"".join([chunk async for chunk in connection.chunks()]).decode()
    assert '"type":"bye","code":"auth_timeout","retry":false' in sent


async def test_who_is_given_up_at_its_ping_has_nothing_to_do_any_more(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions, connection = Sessions(hub), SseConnection()
    session = Session(connection, Arrival(Credentials(), None), sessions, hub)
    sessions.opened(session)
    user = get_user_model()(pk=1, username="ada")
    session._enter(Identity(user_id=1, user=user, session="s", device="d"))
    monkeypatch.setattr(session, "hard_buffer_bytes", -1)
    monkeypatch.setattr(SseConnection, "buffered_bytes", 1)
    session.tick(session.due)
    assert sessions.agenda.take(session.due + 1_000_000) == []
    sessions.closed(session)


async def test_calls_are_taken_in_passing_but_not_past_a_frame_that_waits(hub: Hub) -> None:
    sessions, connection = Sessions(hub), SseConnection()
    session = Session(connection, Arrival(Credentials(), None), sessions, hub)
    sessions.opened(session)
    call = '{"type":"call","id":2,"name":"testing.nothing","args":{}}'
    assert not session.heard(call), "nobody has said hello"
    user = await database.run(get_user_model().objects.create, username="ada")
    session._enter(Identity(user_id=user.pk, user=user, session="s", device="d"))
    subscribing = asyncio.create_task(
        session.received({"text": '{"type":"subscribe","id":1,"stream":"nobody:1"}'})
    )
    await asyncio.sleep(0)
    assert not session.heard(call)
    await subscribing
    assert session.heard(call)
    assert not session.heard('{"type":"call","id":3,"id":4}')
    assert not session.heard('{"type":"ping","id":5}')
    session.bye(CloseCode.UNAVAILABLE, Unavailable())
    assert not session.heard(call)
    sent = b"".join([chunk async for chunk in connection.chunks()]).decode()
    assert sent.index('"id":1') < sent.index('"id":2,"code":"unknown_command"')
    sessions.closed(session)


async def test_a_call_that_finds_no_room_is_left_to_wait_its_turn(hub: Hub, settings: Any) -> None:
    sessions = Sessions(hub)
    session = Session(SseConnection(), Arrival(Credentials(), None), sessions, hub)
    sessions.opened(session)
    session._enter(Identity(user_id=1, user=get_user_model()(pk=1), session="s", device="d"))
    settings.REALTIME = {**settings.REALTIME, "MAX_CALLS_IN_FLIGHT": 0}
    session._calls = Calls(session._answer, sessions.batcher_of)
    assert not session.heard('{"type":"call","id":2,"name":"testing.nothing","args":{}}')
    assert session.heard('{"type":"pong","id":3}')
    sessions.closed(session)


async def test_who_asked_before_a_change_of_rights_has_to_ask_again(hub: Hub) -> None:
    sessions = Sessions(hub)
    await sessions.started()
    access = sessions.access
    mark = access.mark()
    assert not access.changed_since(mark, 1)
    await database.run(revoke_stream, "testing:a", [1, 2])
    await await_until(lambda: access.changed_since(mark, 1), "the notice")
    assert access.changed_since(mark, 2)
    assert not access.changed_since(mark, 3)
    after = access.mark()
    assert not access.changed_since(after, 1)
    await database.run(end_sessions, 3)
    await await_until(lambda: access.changed_since(after, 3), "the notice")
    assert not access.changed_since(after, 1)


async def test_a_mark_older_than_what_is_remembered_means_to_ask_again(hub: Hub) -> None:
    access = Sessions(hub).access
    mark = access.mark()
    for user in range(1_001):
        access._note([user + 10])
    assert access.changed_since(mark, 1)


async def test_notices_for_many_users_are_split(hub: Hub) -> None:
    sessions = Sessions(hub)
    await sessions.started()
    mark = sessions.access.mark()
    await database.run(revoke_stream, "testing:a", range(1_200))
    await await_until(lambda: sessions.access.mark() == mark + 3, "three notices")
    assert all(sessions.access.changed_since(mark, user) for user in (0, 499, 500, 1_199))
