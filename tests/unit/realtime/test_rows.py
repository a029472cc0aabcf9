"""Statements that leave together: each answer is its own, errors are Django's, and nobody waits in between."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.sending import message_send
from realtime import rows
from realtime.log.models import Event, Stream
from realtime.log.sequencer import streams_with_pending
from tests.support.people import client_id, make_room, make_user

pytestmark = pytest.mark.django_db

NAMES = [("testing:a",), ("testing:b",)]


@pytest.fixture
def streams() -> None:
    Stream.objects.bulk_create(
        Stream(name=name, epoch="e", head=head) for head, (name,) in enumerate(NAMES, 1)
    )


@pytest.mark.usefixtures("streams")
def test_each_answer_is_its_own_in_whatever_order_they_are_looked_at() -> None:
    with rows.atomic():
        first = rows.select(Stream, ("head",), ("name",), NAMES[:1])
        second = rows.select(Stream, ("head",), ("name",), NAMES[1:])
        rows.set_column(Stream, "head", {"testing:a": 9})
        third = rows.select(Stream, ("name", "head"), ("name",), NAMES)
        assert list(second) == [(2,)]
        assert list(first) == [(1,)]
    assert list(third) == [("testing:a", 9), ("testing:b", 2)]
    assert list(third) == list(third)


@pytest.mark.django_db(transaction=True)
def test_an_error_at_the_commit_is_djangos_and_rolls_back(streams: None) -> None:
    _an_error_is_djangos_and_rolls_back()


def test_an_error_in_a_savepoint_is_djangos_and_rolls_back(streams: None) -> None:
    _an_error_is_djangos_and_rolls_back()


def _an_error_is_djangos_and_rolls_back() -> None:
    def write_and_insert_twice() -> None:
        with rows.atomic():
            rows.set_column(Stream, "head", {"testing:b": 7})
            rows.insert(Stream, ("name", "epoch", "head", "trimmed"), [("testing:a", "e", 1, 0)])

    with pytest.raises(IntegrityError):
        write_and_insert_twice()
    assert Stream.objects.get(name="testing:b").head == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no round trips")
def test_nobody_waits_for_an_answer_before_it_is_looked_at() -> None:
    with rows.atomic():
        first, second = connection.cursor(), connection.cursor()
        first.execute("SELECT 1")
        second.execute("SELECT 2")
        assert first.cursor.statusmessage is None  # it is on its way, and so is the next
        assert second.fetchall() == [(2,)]
        assert first.cursor.statusmessage == "SELECT 1"


class Waits:
    """Counts the calls of a connection of psycopg's that wait for its socket."""

    def __init__(self, driver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._wait = driver.wait
        monkeypatch.setattr(driver, "wait", self)

    def __call__(self, generator: Any, *args: Any, **options: Any) -> Any:
        return self._wait(self._watched(generator), *args, **options)

    def _watched(self, generator: Any) -> Any:
        ready, waited = None, False
        while True:
            try:
                wanted = generator.send(ready)
            except StopIteration as end:
                self.count += waited
                return end.value
            ready, waited = (yield wanted), True


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no socket")
def test_a_transaction_waits_for_what_it_asks_and_for_its_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()
    waits = Waits(connection.connection, monkeypatch)
    with rows.atomic():
        found = rows.select(Stream, ("head",), ("name",), NAMES)
        rows.insert(Stream, ("name", "epoch", "head", "trimmed"), [("testing:a", "e", 1, 0)])
        assert waits.count == 0
        assert list(found) == []
        assert waits.count == 1
        rows.set_column(Stream, "head", {"testing:a": 5})
    assert waits.count == 2
    with rows.atomic():
        pass
    assert waits.count == 2
    assert Stream.objects.get().head == 5


@pytest.mark.django_db(transaction=True)
def test_after_an_error_that_somebody_looked_at_the_connection_is_as_before(streams: None) -> None:
    def insert_twice_and_look() -> None:
        with rows.atomic():
            rows.insert(Stream, ("name", "epoch", "head", "trimmed"), [("testing:a", "e", 1, 0)])
            list(rows.select(Stream, ("head",), ("name",), NAMES))

    driver = connection.connection
    for _ in range(2):
        with pytest.raises(IntegrityError):
            insert_twice_and_look()
    with rows.atomic():
        rows.set_column(Stream, "head", {"testing:a": 9})
    assert connection.connection is driver
    assert Stream.objects.get(name="testing:a").head == 9


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no socket")
def test_answers_that_nobody_looks_at_yet_do_not_stop_what_is_sent() -> None:
    """The server stops reading while its answers are not taken: 64 MB are more than the sockets hold."""
    with rows.atomic():
        cursors = [connection.cursor() for _ in range(64)]
        for cursor in cursors:
            cursor.execute("SELECT length(%s), repeat('x', 500000)", ["y" * 500_000])
        assert [cursor.fetchone()[0] for cursor in cursors] == [500_000] * 64


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps statements by their text")
def test_a_statement_is_planned_once_for_each_connection() -> None:
    def planned() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%log_stream%'")
            return int(cursor.fetchone()[0])

    with transaction.atomic():
        for number in range(4):
            assert list(rows.select(Stream, ("head",), ("name",), [(f"testing:{number}",)])) == []
            assert planned() == min(number, 1)


def test_new_ids_are_nobody_elses() -> None:
    first = [id for (id,) in rows.new_ids(Event, 3)]
    Event.objects.create(stream="testing:a", seq=1, name="x", at=timezone.now(), data="{}")
    (between,) = Event.objects.values_list("id", flat=True)
    second = [id for (id,) in rows.new_ids(Event, 2)]
    assert first == sorted(first)
    assert second == sorted(second)
    assert max(first) < between < min(second)
    assert len({*first, between, *second}) == 6


def test_moments_are_stored_as_django_stores_them() -> None:
    now = timezone.now()
    rows.insert(Event, ("stream", "seq", "name", "at", "data"), [("testing:a", 1, "x", now, "{}")])
    assert Event.objects.filter(at=now).count() == 1
    assert Event.objects.get(at__lte=now).at == now


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by how many rows there are")
def test_no_statement_of_the_hot_path_reads_a_whole_table() -> None:
    user = make_user()
    room = make_room(user)
    # A process reads the list of words now and then.
    message_send(author=user, room=room, text="first", client_id=client_id())
    with CaptureQueriesContext(connection) as captured:
        message_send(author=user, room=room, text="hi", client_id=client_id())
        streams_with_pending(10)
    statements = [one["sql"] for one in captured if one["sql"].startswith(("SELECT", "UPDATE"))]
    assert len(statements) >= 9
    for sql in statements:
        assert not whole_tables_read_by(sql), sql


def whole_tables_read_by(sql: str) -> list[str]:
    """Steps of the plan that look at every row; the index of what is pending has none but those asked for."""
    with connection.cursor() as cursor:
        steps = [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()]
    return [
        step for step in steps if step.startswith(("SCAN chat_", "SCAN log_")) and "event_pending" not in step
    ]


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no plans for parameters it does not know"
)
def test_a_row_that_is_changed_is_looked_up_also_while_the_table_is_small() -> None:
    Stream.objects.bulk_create(Stream(name=f"testing:{number}", epoch="e") for number in range(2000))
    update = rows._update("postgresql", Stream, ("head",), None).replace("%s", "$1")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE log_stream")
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE moving (text) AS {update}")
        cursor.execute("EXPLAIN EXECUTE moving ('[]')")
        plan = "\n".join(step for (step,) in cursor.fetchall())
    assert "Index Scan" in plan
    assert "Seq Scan" not in plan


@pytest.mark.usefixtures("streams")
def test_a_monitor_sees_every_statement() -> None:
    seen: list[str] = []

    def monitor(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(monitor):
        assert list(rows.select(Stream, ("head",), ("name",), NAMES)) == [(1,), (2,)]
        rows.set_column(Stream, "head", {"testing:a": 9})
    assert [sql.split()[0] for sql in seen] == ["SELECT", "UPDATE"]


def test_rows_that_are_there_already_may_be_left_out():
    columns = ("name", "epoch", "head", "trimmed")
    rows.insert(Stream, columns, [("testing:a", "first", 1, 0)], if_new=True)
    rows.insert(Stream, columns, [("testing:a", "again", 2, 0), ("testing:b", "first", 3, 0)], if_new=True)
    assert list(Stream.objects.order_by("name").values_list("epoch", "head")) == [("first", 1), ("first", 3)]


@pytest.mark.usefixtures("streams")
def test_several_columns_are_written_at_once_and_only_of_the_rows_named() -> None:
    rows.set_columns(Stream, ("epoch", "head"), {"testing:b": ("f", 8), "testing:c": ("g", 9)})
    rows.set_columns(Stream, ("epoch", "head"), {})
    assert list(Stream.objects.order_by("name").values_list("name", "epoch", "head")) == [
        ("testing:a", "e", 1),
        ("testing:b", "f", 8),
    ]
