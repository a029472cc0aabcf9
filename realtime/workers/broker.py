"""Where tasks wait: Redis or RabbitMQ, told by the URL. Pure: the settings call it while they load."""

import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from kombu.transport import TRANSPORT_ALIASES

# A worker that is gone for so long has lost its tasks to another one. Redis only: RabbitMQ sees the connection end.
VISIBILITY_TIMEOUT_S = 90
CONNECT_TIMEOUT_S = 3
KEY_PREFIX = "carillon:"


def beside(redis_url: str) -> str:
    """The broker of an installation that names none: the same Redis server, next database, as Celery writes it."""
    parts = urlsplit(redis_url)
    if parts.scheme == "unix":
        number = re.search(r"(?:^|&)db=(\d+)", parts.query)
        return f"redis+socket://{parts.path}?virtual_host={int(number[1]) + 1 if number else 1}"
    number_text = parts.path.strip("/") or "0"
    if not number_text.isdigit():
        return redis_url
    return urlunsplit(parts._replace(path=f"/{int(number_text) + 1}"))


def is_redis(url: str) -> bool:
    return url.startswith("redis")


def guard() -> None:
    """Makes ours the transport of Redis URLs: it survives what is no message. Loaded when it is used."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = "realtime.workers.redis_broker:GuardedTransport"


def options(url: str) -> dict[str, Any]:
    """What the transport of that URL is told. Whoever publishes waits for one more try, not for six seconds of them."""
    hasty = {"max_retries": 1, "interval_start": 0.1}
    if is_redis(url):
        return {
            **hasty,
            "visibility_timeout": VISIBILITY_TIMEOUT_S,
            "socket_connect_timeout": CONNECT_TIMEOUT_S,
            "global_keyprefix": KEY_PREFIX,
            "queue_order_strategy": "realtime.workers.turns:UrgentFirst",
        }
    # A publish that the server refuses or loses is an error here, and not a task that never runs.
    return {**hasty, "confirm_publish": True, "connect_timeout": CONNECT_TIMEOUT_S}
