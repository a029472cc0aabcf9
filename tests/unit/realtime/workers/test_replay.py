"""A signed message that was done is refused when it comes again, and one that is too old at once."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from celery import states
from celery.exceptions import SecurityError
from django.conf import settings

from realtime.workers import replay
from realtime.workers.replay import MAX_AGE_S, SKEW_S, check_new


@pytest.fixture
def server() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)


def headers(**fields: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "retries": 0, **fields}


def done(headers: dict[str, Any], *, expires: Any = None, state: str = states.SUCCESS) -> None:
    """What a worker says after the task."""
    request = SimpleNamespace(retries=headers["retries"], expires=expires)
    replay._note(task=SimpleNamespace(request=request), task_id=headers["id"], state=state)


def test_what_was_done_is_refused_when_it_comes_again() -> None:
    first, other = headers(), headers()
    check_new(first, time.time())
    check_new(first, time.time())  # the broker gives it again after a worker died
    done(first)
    with pytest.raises(SecurityError, match="done before"):
        check_new(first, time.time())
    check_new({**first, "retries": 1}, time.time())
    check_new(other, time.time())


def test_what_was_given_back_to_the_broker_was_not_done() -> None:
    given = headers()
    done(given, state=states.REJECTED)
    check_new(given, time.time())


@pytest.mark.parametrize("sent_ago_s", [MAX_AGE_S + 5, -SKEW_S - 5])
def test_a_message_has_its_time(sent_ago_s: float) -> None:
    with pytest.raises(SecurityError, match="ago"):
        check_new(headers(), time.time() - sent_ago_s)


def test_a_message_that_does_not_say_when_it_was_sent_is_refused() -> None:
    with pytest.raises(SecurityError, match="when it was sent"):
        check_new(headers(), None)


def test_ids_are_kept_no_longer_than_their_messages_are_valid(server: redis.Redis) -> None:
    brief, long, past = headers(), headers(), headers()
    done(brief, expires=(datetime.now(UTC) + timedelta(seconds=100)).isoformat())
    done(past, expires=datetime.now(UTC) - timedelta(days=1))
    done(long)
    left = {name: server.ttl(f"carillon:done:{one['id']}:0") for name, one in
            {"brief": brief, "past": past, "long": long}.items()}  # fmt: skip
    assert SKEW_S + 90 < left["brief"] <= SKEW_S + 100
    assert SKEW_S - 10 < left["past"] <= SKEW_S
    assert MAX_AGE_S < left["long"] <= MAX_AGE_S + SKEW_S


def test_without_redis_a_repetition_cannot_be_told_and_is_borne(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = redis.Redis(unix_socket_path="/nowhere/redis.sock")
    monkeypatch.setattr(replay, "_redis", lambda: nowhere)
    given = headers()
    done(given)
    check_new(given, time.time())
    assert caplog.text.count("Redis is away") == 2
