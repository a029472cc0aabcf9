"""Numbers: 1 to n without a hole, in the order of commits, whoever writes at the same time (G2)."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
from django.db import connection, transaction

from realtime import numbering, publish, publish_many
from realtime.log import sequencer
from realtime.log.append import append
from realtime.log.models import Event, Stream
from realtime.log.sequencer import number_pending, streams_with_pending
from realtime.log.sequencer import numbering as bare_numbering
from tests.support.log_world import Happened, head, logged, pending

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chance]

STREAMS = [f"testing:{letter}" for letter in "abcdef"]
WRITERS = 8
ROUNDS = 12


@pytest.fixture(autouse=True)
def _a_process_that_knows_no_stream_yet() -> None:
    sequencer._known_rows.clear()


def in_threads(work: object) -> None:
    """`work(writer)` in eight threads, each with its own connection; fails as the first that failed."""

    def run(writer: int) -> None:
        try:
            work(writer)  # type: ignore[operator]
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(run, writer) for writer in range(WRITERS)]:
            done.result()


def whole(streams: list[str]) -> None:
    for stream in streams:
        seqs = [seq for seq, _ in logged(stream)]
        assert seqs == list(range(1, len(seqs) + 1))
        assert head(stream) == len(seqs)
    assert pending() == 0


def test_eight_writers_on_shared_streams_leave_no_hole_and_keep_each_writers_order() -> None:
    def write(writer: int) -> None:
        chance = random.Random(writer)
        for number in range(ROUNDS):
            with transaction.atomic():
                for stream in chance.sample(STREAMS, 3):
                    publish(stream, Happened(number, str(writer)))

    in_threads(write)
    number_pending(STREAMS)  # what a sweep would do for a writer that was interrupted
    whole(STREAMS)
    assert sum(head(stream) for stream in STREAMS) == WRITERS * ROUNDS * 3
    for stream in STREAMS:
        for writer in range(WRITERS):
            mine = [data["number"] for _, data in logged(stream) if data["by"] == str(writer)]
            assert mine == sorted(mine)


def test_numbers_follow_causes() -> None:
    """Whoever saw an event committed and then writes comes after it."""
    committed: list[int] = []
    lock = Lock()

    def write(writer: int) -> None:
        for number in range(ROUNDS):
            with lock:
                seen = set(committed)
            publish("testing:causes", Happened(writer * 1000 + number, ",".join(map(str, seen))))
            with lock:
                committed.append(writer * 1000 + number)

    in_threads(write)
    place = {data["number"]: seq for seq, data in logged("testing:causes")}
    for seq, data in logged("testing:causes"):
        assert all(place[int(cause)] < seq for cause in data["by"].split(",") if cause)
    whole(["testing:causes"])


def test_numbering_random_sets_of_streams_never_deadlocks() -> None:
    def write(writer: int) -> None:
        chance = random.Random(100 + writer)
        for number in range(ROUNDS):
            mine = chance.sample(STREAMS, chance.randint(1, 4))
            if chance.random() < 0.3:
                publish_many((stream, Happened(number, "outbox")) for stream in mine)
                continue
            with transaction.atomic(), numbering(mine) as log:
                for stream in mine:
                    log.append(stream, log.reserve(stream), Happened(number, str(writer)))

    in_threads(write)
    number_pending(STREAMS)
    whole(STREAMS)


def test_streams_that_are_new_to_all_writers_never_deadlock() -> None:
    def write(writer: int) -> None:
        chance = random.Random(200 + writer)
        for number in range(ROUNDS):
            mine = [f"testing:new{number}{letter}" for letter in chance.sample("abcde", 3)]
            mine.append(f"testing:new{number // 2}z")
            with transaction.atomic(), numbering(mine) as log:
                for stream in mine:
                    log.append(stream, log.reserve(stream), Happened(number, str(writer)))

    in_threads(write)
    names = list(Stream.objects.values_list("name", flat=True))
    assert len(names) == ROUNDS * 5 + ROUNDS // 2
    whole(names)


def test_numbering_takes_what_is_pending_before_it() -> None:
    append([("testing:a", Happened(1)), ("testing:a", Happened(2))])
    with transaction.atomic(), bare_numbering(["testing:a"]) as numbers:
        assert numbers.reserve("testing:a") == 3
        numbers.append("testing:a", 3, Happened(3))
    assert [data["number"] for _, data in logged("testing:a")] == [1, 2, 3]
    (batch,) = numbers.batches
    assert (batch.first, batch.last) == (1, 3)


def test_numbering_needs_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="atomic"), bare_numbering(["testing:a"]):
        pass


def test_a_transaction_that_fails_gives_its_numbers_back() -> None:
    publish("testing:a", Happened(1))

    def fail() -> None:
        with transaction.atomic(), numbering(["testing:a"]) as log:
            log.append("testing:a", log.reserve("testing:a"), Happened(2))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    publish("testing:a", Happened(3))
    assert logged("testing:a") == [(1, {"number": 1, "by": ""}), (2, {"number": 3, "by": ""})]


def test_what_a_dead_process_left_is_found_and_numbered_once() -> None:
    append([("testing:a", Happened(1)), ("testing:b", Happened(2)), ("testing:a", Happened(3))])
    assert sorted(streams_with_pending(10)) == ["testing:a", "testing:b"]
    assert streams_with_pending(1)
    first = number_pending(["testing:a", "testing:b"])
    assert sorted((batch.stream, batch.first, batch.last) for batch in first) == [
        ("testing:a", 1, 2),
        ("testing:b", 1, 1),
    ]
    assert number_pending(["testing:a", "testing:b"]) == []
    assert streams_with_pending(10) == []


def test_numbering_costs_the_same_for_one_event_and_for_many(django_assert_max_num_queries: object) -> None:
    publish_many((stream, Happened(0)) for stream in STREAMS)
    append([(stream, Happened(number)) for stream in STREAMS for number in range(20)])
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        number_pending(STREAMS)  # BEGIN and COMMIT, then lock, read, number, heads
    assert Stream.objects.filter(name__in=STREAMS).count() == len(STREAMS)
    assert Event.objects.filter(seq=None).count() == 0
