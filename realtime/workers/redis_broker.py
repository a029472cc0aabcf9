"""Redis as a broker, but a worker survives what is in its lists and is no message.

kombu takes it from the list and dies of it; of what it has half understood, it dies again after each start, because an
unacknowledged message is put back. Here it is logged and left out. RabbitMQ checks the frame of a message itself.
"""

from __future__ import annotations

import logging
from binascii import Error as BadBase64
from queue import Empty
from typing import Any, Literal

import msgspec
from kombu.transport.redis import Channel
from kombu.transport.redis import Transport as RedisTransport
from kombu.transport.virtual import Base64

logger = logging.getLogger(__name__)

SHOWN_CHARS = 200


class DeliveryInfo(msgspec.Struct, frozen=True):
    exchange: str
    routing_key: str


class Properties(msgspec.Struct, frozen=True):
    delivery_tag: str
    delivery_info: DeliveryInfo
    body_encoding: Literal["base64"] | None = None
    correlation_id: str | None = None
    reply_to: str | None = None
    priority: int | None = None


class Envelope(msgspec.Struct, frozen=True, rename="kebab"):
    """What kombu puts into a list for each message."""

    body: str | None
    content_type: str | None
    content_encoding: str | None
    headers: dict[str, Any]
    properties: Properties


class GuardedChannel(Channel):  # type: ignore[misc]
    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)
        except (ValueError, RecursionError) as error:  # no JSON, or no end of it
            logger.error("Left out what is no message: %s", error)
            raise Empty from None

    def _receive_one(self, connection: Any) -> Any:
        try:
            return super()._receive_one(connection)
        except (ValueError, RecursionError) as error:
            logger.error("Left out what is no message: %s", error)
            raise Empty from None


class GuardedTransport(RedisTransport):  # type: ignore[misc]
    Channel = GuardedChannel

    def _deliver(self, message: Any, queue: str) -> None:
        try:
            envelope = msgspec.convert(message, Envelope)
            if envelope.properties.body_encoding == "base64":
                Base64().decode(envelope.body or "")
        except (ValueError, BadBase64) as error:
            logger.error(
                "Left out of queue %s what is no message (%s): %.*r", queue, error, SHOWN_CHARS, message
            )
            return
        super()._deliver(message, queue)
