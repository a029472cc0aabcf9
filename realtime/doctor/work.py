"""Broker, workers, queues, beat and the periodic tasks."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

from celery import current_app
from django_celery_beat.models import PeriodicTask
from kombu.exceptions import OperationalError

from realtime.doctor.registry import Finding, Site, doubtful, examine, fine, wrong
from realtime.doctor.storage import connected
from realtime.tasks import echo
from realtime.workers import periodic
from realtime.workers.queues import BULK, QUEUES

# A queue's worker may be busy with one task; what is bulk may wait for minutes.
ECHO_TIMEOUT_S = 10.0
# How long answers are collected, and how long where the first time brought none.
PING_TIMEOUT_S = 1.0
LONG_PING_TIMEOUT_S = 5.0
LONG_QUEUE = 1_000
START_WORKER = "Start one: `celery --app realtime.celery worker --queues {}`."
START_BEAT = "Start one: `celery --app realtime.celery beat --pidfile=`."


@examine("broker")
def broker(site: Site) -> Iterator[Finding]:
    with current_app.connection_for_write() as connection:
        shown = connection.as_uri()
        try:
            connection.ensure_connection(max_retries=1, timeout=PING_TIMEOUT_S)
            waiting = {queue.name: _length(connection, queue) for queue in QUEUES}
        except (OperationalError, OSError) as error:
            yield wrong(
                f"The broker {shown} does not answer ({error}).", "Start it, or correct CELERY_BROKER_URL."
            )
            return
    said = ", ".join(f"{count} in {name}" for name, count in waiting.items())
    if max(waiting.values()) > LONG_QUEUE:
        yield doubtful(
            f"Many tasks wait: {said}.", "Start more workers for that queue, or see why it stands still."
        )
    else:
        yield fine(f"{shown} answers; tasks that wait: {said}.")


@examine("workers")
def workers(site: Site) -> Iterator[Finding]:
    for queue in QUEUES:
        took_s = _echo_s(queue.name)
        if took_s is not None:
            yield fine(f"A task in the queue {queue.name} was done after {took_s:.2f} s.")
        elif queue.name == BULK and _is_read(queue.name):
            yield fine(f"A worker reads the queue {queue.name}, and is at something longer.")
        else:
            yield wrong(
                f"No worker did a task in the queue {queue.name} within {ECHO_TIMEOUT_S:.0f} s.",
                START_WORKER.format(queue.name),
            )


@examine("beat")
def beat(site: Site) -> Iterator[Finding]:
    beats = _beats(PING_TIMEOUT_S) or _beats(LONG_PING_TIMEOUT_S)
    limit_s = current_app.conf.beat_remote_control_max_tick_age
    if beats:
        yield fine(f"{len(beats)} beat ticked within the last {limit_s:.0f} s: {', '.join(beats)}.")
    else:
        yield wrong(f"No beat ticked within the last {limit_s:.0f} s: nothing falls due.", START_BEAT)
    yield from _periodic()


def _periodic() -> Iterator[Finding]:
    there = set(PeriodicTask.objects.values_list("name", flat=True))
    if missing := [one.name for one in periodic.rows() if one.name not in there]:
        yield doubtful(
            f"Periodic tasks are missing: {', '.join(missing)}.",
            "Beat makes them again within a few seconds.",
        )
    if disabled := periodic.disabled_rows():
        yield doubtful(
            f"Periodic tasks are switched off: {', '.join(disabled)}.",
            "Enable them in the admin, under Periodic Tasks: old data is not removed meanwhile.",
        )
    current_app.loader.import_default_modules()
    enabled = PeriodicTask.objects.filter(enabled=True).order_by("name").values_list("name", "task")
    if unknown := [f"{name} ({task})" for name, task in enabled if task not in current_app.tasks]:
        yield doubtful(
            f"Periodic tasks call what no worker knows: {', '.join(unknown)}.",
            "Correct or delete them in the admin.",
        )
    if not (missing or disabled or unknown):
        yield fine(f"{len(there)} periodic tasks are as they should be.")


def _beats(timeout_s: float) -> list[str]:
    # Workers answer both questions, and beat the first: but only while it ticks.
    nodes = {name for reply in current_app.control.ping(timeout=timeout_s) for name in reply}
    return sorted(nodes - set(_queues_by_worker()))


def _length(connection: Any, queue: Any) -> int:
    return int(queue.bind(connection.default_channel).queue_declare().message_count)


def _echo_s(queue: str) -> float | None:
    """How long a task took from here to its answer; None when none came."""
    key = f"carillon:doctor:{uuid.uuid4().hex}"
    began = time.perf_counter()
    echo.apply_async((key, queue), queue=queue, expires=ECHO_TIMEOUT_S)
    with connected() as server:
        deadline = began + ECHO_TIMEOUT_S
        while (left_s := deadline - time.perf_counter()) > 0:
            # In short waits: one longer than the client's own limit would look like a dead server.
            if server.blpop([key], timeout=min(left_s, 1.0)):
                return time.perf_counter() - began
    return None


def _is_read(queue: str) -> bool:
    return any(queue in queues for queues in _queues_by_worker().values())


def _queues_by_worker() -> dict[str, set[str]]:
    found = current_app.control.inspect(timeout=PING_TIMEOUT_S).active_queues() or {}
    return {worker: {queue["name"] for queue in queues} for worker, queues in found.items()}
