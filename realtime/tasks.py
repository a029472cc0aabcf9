"""Celery tasks of the engine itself."""

import redis
from celery import shared_task
from django.conf import settings

ECHO_KEPT_S = 60


@shared_task(name="realtime.tasks.echo", ignore_result=True)  # type: ignore[untyped-decorator]
def echo(key: str, text: str) -> None:
    """Answers the doctor, who waits at the Redis list `key`: this queue is worked on."""
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5) as server:
        server.rpush(key, text)
        server.expire(key, ECHO_KEPT_S)
