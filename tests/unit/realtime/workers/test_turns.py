"""A worker with one slot: what it takes next of what waits in its queues, on a real Redis."""

from __future__ import annotations

from itertools import groupby

from kombu import Connection, Consumer, Producer

from realtime.workers import broker
from realtime.workers.queues import BULK, DEFAULT, QUEUES, URGENT
from realtime.workers.turns import URGENT_IN_A_ROW
from tests.support.services import Services


def taken_in_order(services: Services, waiting: dict[str, int]) -> list[str]:
    """The queues of the messages in the order in which a worker that works on one at a time gets them."""
    taken: list[str] = []
    url = f"redis+socket://{services.redis.socket}?virtual_host=5"
    with Connection(url, transport_options=broker.options("redis://")) as connection:
        for queue, count in waiting.items():
            for _ in range(count):
                Producer(connection).publish({}, routing_key=queue, declare=QUEUES)

        def take(body: object, message: object) -> None:
            taken.append(message.delivery_info["routing_key"])
            message.ack()

        with Consumer(connection, QUEUES, callbacks=[take], prefetch_count=1):
            while len(taken) < sum(waiting.values()):
                connection.drain_events(timeout=10)
    return taken


def test_ticks_go_first_and_hold_up_nothing_for_good(services: Services) -> None:
    taken = taken_in_order(services, {BULK: 2, DEFAULT: 1, URGENT: 3 * URGENT_IN_A_ROW})
    runs = [(queue, len(list(some))) for queue, some in groupby(taken)]
    assert [run for run in runs if run[0] == URGENT] == [(URGENT, URGENT_IN_A_ROW)] * 3
    assert [count for queue, count in runs if queue != URGENT] == [1, 1, 1]


def test_all_waiting_ticks_come_before_the_next_slice_of_a_job(services: Services) -> None:
    assert taken_in_order(services, {BULK: 5, URGENT: 6})[:6] == [URGENT] * 6
