"""The row and its event commit together, or not at all (G1)."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from realtime import apublish, database, positions, publish, publish_many, publish_transient
from realtime.log.models import Event, Log
from realtime.protocol.streams import BadStream
from tests.support.log_world import Happened, logged, pending

pytestmark = pytest.mark.django_db(transaction=True)


def numbers(stream: str = "testing:a") -> list[int]:
    return [data["number"] for _, data in logged(stream)]


def roll_back(*events: tuple[str, int]) -> None:
    """Publishes in a transaction (or savepoint) that fails."""
    with transaction.atomic():
        for stream, number in events:
            publish(stream, Happened(number))
        raise ZeroDivisionError


def test_outside_a_transaction_an_event_is_numbered_at_once() -> None:
    publish("testing:a", Happened(1))
    assert logged("testing:a") == [(1, {"number": 1, "by": ""})]


def test_inside_a_transaction_it_is_numbered_after_the_commit() -> None:
    with transaction.atomic():
        publish("testing:a", Happened(1))
        assert pending() == 1
        assert numbers() == []
    assert numbers() == [1]


def test_a_rollback_takes_the_event_away() -> None:
    with pytest.raises(ZeroDivisionError):
        roll_back(("testing:a", 1))
    assert Event.objects.count() == 0
    publish("testing:a", Happened(2))
    assert logged("testing:a") == [(1, {"number": 2, "by": ""})]


def test_a_savepoint_that_rolls_back_takes_only_its_own_events() -> None:
    with transaction.atomic():
        publish("testing:a", Happened(1))
        for number in (2, 3):
            with pytest.raises(ZeroDivisionError):
                roll_back(("testing:a", number), ("testing:b", number))
        with transaction.atomic():
            publish("testing:c", Happened(4))
        publish("testing:a", Happened(5))
    assert (numbers("testing:a"), numbers("testing:b"), numbers("testing:c")) == ([1, 5], [], [4])
    assert pending() == 0


def test_a_first_savepoint_that_rolls_back_does_not_take_the_later_events() -> None:
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError):
            roll_back(("testing:a", 1))
        publish("testing:a", Happened(2))
    assert (numbers(), pending()) == ([2], 0)


def test_publishing_in_a_hook_after_the_commit_works() -> None:
    with transaction.atomic():
        publish("testing:a", Happened(1))
        transaction.on_commit(lambda: publish("testing:a", Happened(3)))
        publish("testing:a", Happened(2))
    assert numbers() == [1, 2, 3]


def test_another_hook_that_fails_does_not_stop_the_events() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    def work() -> None:
        with transaction.atomic():
            publish("testing:a", Happened(1))
            transaction.on_commit(fail)
            publish("testing:a", Happened(2))

    with pytest.raises(ZeroDivisionError):
        work()
    assert (numbers(), pending()) == ([1, 2], 0)


def test_many_events_cost_one_insert(django_assert_max_num_queries: object) -> None:
    publish("testing:a", Happened(0))
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        publish_many(("testing:a", Happened(number)) for number in range(100))
    assert numbers() == [0, *range(100)]


def test_a_malformed_stream_is_refused_before_anything_is_stored() -> None:
    for name in ("room", "Room:1", "room:", "room:a..b", "x" * 90 + ":1", "room:é"):
        with pytest.raises(BadStream):
            publish_many([("testing:a", Happened(1)), (name, Happened(2))])
        with pytest.raises(BadStream):
            publish_transient(name, Happened(1))
    assert Event.objects.count() == 0


def test_positions_are_the_heads_in_one_query(django_assert_num_queries: object) -> None:
    publish_many([("testing:a", Happened(1)), ("testing:a", Happened(2)), ("testing:b", Happened(1))])
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = positions(["testing:a", "testing:b"])
    assert (found["testing:a"].seq, found["testing:b"].seq) == (2, 1)
    nothing = positions(["testing:nothing"])["testing:nothing"]
    assert (nothing.seq, nothing.epoch) == (0, Log.current_epoch())


async def test_async_code_publishes_too() -> None:
    await apublish("testing:a", Happened(1))
    assert await database.run(numbers) == [1]


def test_without_redis_publishing_is_no_slower_to_tell_and_stores_all_the_same(services: object) -> None:
    services.redis.kill()  # type: ignore[attr-defined]
    try:
        publish("testing:a", Happened(1))
        publish_transient("testing:a", Happened(2))
    finally:
        services.redis.start()  # type: ignore[attr-defined]
    assert (numbers(), pending()) == ([1], 0)
    assert connection.in_atomic_block is False
