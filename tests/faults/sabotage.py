"""Protections taken away, to prove that their tests would notice: `FAULTS_WITHOUT` names one, or several.

An app of the faults' settings alone: what people run has no such switch.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from django.apps import AppConfig

VARIABLE = "FAULTS_WITHOUT"

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
