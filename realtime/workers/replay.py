"""A signed message is done once: one that comes again after it was done is refused, and so is one that is too old.

A broker gives a message again where its worker died, so what counts is not that it came but that it was done: then its
id stands in Redis, for as long as the message could be valid. Two copies at the same moment may both be done; tasks
bear that. While Redis is away, or when it was emptied, nobody can tell a repetition: it is done, and logged.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import redis
from celery import states
from celery.exceptions import SecurityError
from celery.signals import task_postrun
from django.conf import settings

logger = logging.getLogger(__name__)

# Tasks work on what is due in a table, and ticks send them anew: none of them is missed.
MAX_AGE_S = 6 * 3600
# By how much the clocks of two machines may differ.
SKEW_S = 300
_TIMEOUT_S = 1.0


def check_new(headers: Mapping[str, Any], sent: float | None) -> None:
    """Raises SecurityError for a signed message that is too old, or was done before. `sent`: seconds since 1970."""
    if sent is None:
        raise SecurityError("It does not say when it was sent.")
    age_s = time.time() - sent
    if not -SKEW_S <= age_s <= MAX_AGE_S:
        raise SecurityError(f"It was sent {age_s:.0f} s ago; at most {MAX_AGE_S} are borne.")
    try:
        done = _redis().exists(_key(headers["id"], headers.get("retries")))
    except (redis.RedisError, OSError) as error:
        logger.warning("Redis is away (%s): whether %s was done before is not known.", error, headers["id"])
        return
    if done:
        raise SecurityError(f"{headers['id']} was done before: refused.")


def install() -> None:
    """Notes each task that is done, in whichever process of the pool that is."""
    task_postrun.connect(_note, weak=False, dispatch_uid="realtime.workers.replay")


def _note(task: Any = None, task_id: str = "", state: str = "", **_: Any) -> None:
    if state == states.REJECTED:  # given back to the broker
        return
    try:
        _redis().set(_key(task_id, task.request.retries), 1, ex=_valid_for_s(task.request.expires))
    except (redis.RedisError, OSError) as error:
        logger.warning("Redis is away (%s): that %s is done could not be noted.", error, task_id)


def _valid_for_s(expires: str | datetime | None) -> int:
    """How long a message that is done now could still be taken for a new one."""
    if expires is None:
        return MAX_AGE_S + SKEW_S
    at = datetime.fromisoformat(expires) if isinstance(expires, str) else expires
    left_s = (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(0, int(left_s)), MAX_AGE_S) + SKEW_S


def _key(task_id: str, retries: int | None) -> str:
    return f"carillon:done:{task_id}:{retries or 0}"


@cache
def _redis() -> redis.Redis:
    """A pool of connections, which notices a fork and starts afresh in the child."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S
    )
