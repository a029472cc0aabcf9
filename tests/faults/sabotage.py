"""Protections taken away, to prove that their tests would notice: `FAULTS_WITHOUT` names one, or several.

An app of the faults' settings alone: what people run has no such switch.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from django.apps import AppConfig

VARIABLE = "FAULTS_WITHOUT"
PUBLISHED_S = 0.3  # what has been handed to the hub is with everybody then

WITHOUT: dict[str, Callable[[], None]] = {}


def without(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def register(take_away: Callable[[], None]) -> Callable[[], None]:
        WITHOUT[name] = take_away
        return take_away

    return register


class Sabotage(AppConfig):
    name = "tests.faults.sabotage"
    label = "sabotage"
    path = "tests/faults"

    def ready(self) -> None:
        from tests.faults import open_doors  # noqa: F401  (registers its switches)

        for name in os.environ.get(VARIABLE, "").split():
            WITHOUT[name]()


@without("input_pause")
def _input_pause() -> None:
    """A socket is read however much of it waits for the application."""
    from realtime.server import inbound

    inbound.HIGH_MESSAGES = 10**9


@without("replay")
def _replay() -> None:
    """A returning socket goes live at once, whatever its cursor says."""
    from realtime.gateway.subscriptions import Subscriptions
    from realtime.protocol.frames import StreamCursor

    attach = Subscriptions.attach

    def attach_at_head(self: Subscriptions, stream: Any, wanted: StreamCursor, state: Any) -> None:
        attach(self, stream, StreamCursor(stream=wanted.stream), state)

    Subscriptions.attach = attach_at_head


@without("skip_locked")
def _skip_locked() -> None:
    """A batch of messages waits for every room that somebody holds."""
    from chat import sending

    sending.message_send_promptly = sending.message_send_many


@without("drain")
def _drain() -> None:
    """Nobody says goodbye when the process is asked to stop."""
    from realtime.gateway.sessions import Sessions

    async def drain(self: Sessions) -> None:
        return

    Sessions.drain = drain


@without("revocation")
def _revocation() -> None:
    """The process does not listen to who lost access to what."""
    from realtime.gateway.sessions import AccessWatch

    def deliver(self: AccessWatch, batch: object, prepared: object) -> None:
        return

    AccessWatch.deliver = deliver


@without("reconnect_check")
def _reconnect_check() -> None:
    """Nobody is told that the connection to Redis was away."""
    from realtime.layer.redis_layer import RedisLayer

    def on_reconnect(self: RedisLayer, callback: Callable[[], None]) -> Callable[[], None]:
        return lambda: None

    RedisLayer.on_reconnect = on_reconnect


@without("gap_fill")
def _gap_fill() -> None:
    """A hub that sees a hole waits for ever."""
    from realtime.hub import Hub

    def fill(self: Hub, stream: object) -> None:
        return

    Hub._fill_gap = fill


@without("lease")
def _lease() -> None:
    """What a dead sender left behind stays behind."""
    from django.db.models import Q

    from notifications.broadcasts import sending
    from notifications.models import Occurrence

    sending._claimable = lambda now: Occurrence.objects.filter(Q(status="scheduled", due_at__lte=now))


@without("idempotency")
def _idempotency() -> None:
    """Each attempt of a send counts as a new one."""
    from uuid import uuid4

    from chat import sending

    sending.check_client_id = lambda client_id: uuid4().hex


@without("commit_first")
def _commit_first() -> None:
    """Events are published before the transaction that they belong to has committed."""
    from realtime.hub import send_batches
    from realtime.log.sequencer import Numbering

    write = Numbering.write

    def write_and_publish(self: Numbering) -> None:
        write(self)
        send_batches(self.batches)
        time.sleep(PUBLISHED_S)

    Numbering.write = write_and_publish


@without("commit")
def _commit() -> None:
    """The process may die (failpoint `uncommitted`) when all is written and nothing committed."""
    from realtime import failpoints
    from realtime.log.sequencer import Numbering

    write = Numbering.write

    def write_and_die(self: Numbering) -> None:
        write(self)
        failpoints.reach("uncommitted")

    Numbering.write = write_and_die
