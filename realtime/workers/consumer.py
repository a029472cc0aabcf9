"""A worker's door: what is no task message of ours is logged and thrown away, before anything acts on it.

Celery's own consumer dies of a message whose parts have other types than it expects, and a message that was not
acknowledged comes back and kills the next worker. The broker is not a place where only we can write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from celery.exceptions import SecurityError
from celery.worker.consumer import Consumer as CeleryConsumer

from realtime.workers import replay
from realtime.workers.binding import BOUND, binding
from realtime.workers.messages import SIGNED_TYPE

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class Headers(msgspec.Struct, frozen=True):
    """What a worker reads of a message's headers (Celery's protocol 2)."""

    task: str
    id: str
    eta: str | None = None
    expires: str | None = None
    retries: Count | None = 0
    timelimit: tuple[Seconds | None, Seconds | None] | None = None
    root_id: str | None = None
    parent_id: str | None = None
    group: str | None = None
    group_index: int | None = None
    argsrepr: str | None = None
    kwargsrepr: str | None = None
    shadow: str | None = None
    origin: str | None = None
    ignore_result: bool | None = None
    replaced_task_nesting: int | None = None
    stamped_headers: list[str] | None = None
    stamps: dict[str, Any] | None = None


class Embedded(msgspec.Struct, frozen=True):
    """What comes with the arguments."""

    callbacks: list[Any] | None = None
    errbacks: list[Any] | None = None
    chain: list[Any] | None = None
    chord: dict[str, Any] | None = None
    bound: list[Any] | None = None
    sent: float | None = None


Body = tuple[list[Any], dict[str, Any], Embedded | None]


class Consumer(CeleryConsumer):  # type: ignore[misc]
    """What `celery worker` reads messages with (`CELERY_WORKER_CONSUMER`)."""

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        handle = super().create_task_handler(*args, **kwargs)

        def checked(message: Any) -> Any:
            try:
                check(message)
            except (
                Exception
            ) as error:  # whatever a stranger's bytes may raise; the next line logs it with them
                return self.on_decode_error(message, error)
            return handle(message)

        return checked


def check(message: Any) -> None:
    """Raises what is wrong with a message: its shape, its format, who signed what, or that it was done before."""
    headers = msgspec.convert(message.headers, Headers)
    _, _, embedded = msgspec.convert(message.payload, Body)
    if message.content_type != SIGNED_TYPE:
        return
    if embedded is None or embedded.bound != binding(message.headers):
        signed_for = embedded and embedded.bound
        raise SecurityError(f"{BOUND.capitalize()} to {signed_for}, but sent as {headers.task} {headers.id}.")
    replay.check_new(message.headers, embedded.sent)
