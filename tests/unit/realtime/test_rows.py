"""Statements that leave together: each answer is its own, errors are Django's, and nobody waits in between."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from chat.sending import message_send
from realtime import rows
from realtime.log.models import Stream
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
    with transaction.atomic(), rows.together():
        first = rows.select(Stream, ("head",), ("name",), NAMES[:1])
        second = rows.select(Stream, ("head",), ("name",), NAMES[1:])
        rows.set_column(Stream, "head", {"testing:a": 9})
        third = rows.select(Stream, ("name", "head"), ("name",), NAMES)
        assert list(second) == [(2,)]
        assert list(first) == [(1,)]
    assert list(third) == [("testing:a", 9), ("testing:b", 2)]
    assert list(third) == list(third)


@pytest.mark.usefixtures("streams")
def test_an_error_is_djangos_and_rolls_back() -> None:
    def write_and_insert_twice() -> None:
        with transaction.atomic(), rows.together():
            rows.set_column(Stream, "head", {"testing:b": 7})
            rows.insert(Stream, ("name", "epoch", "head", "trimmed"), [("testing:a", "e", 1, 0)])

    with pytest.raises(IntegrityError):
        write_and_insert_twice()
    assert Stream.objects.get(name="testing:b").head == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no round trips")
def test_nobody_waits_for_an_answer_before_it_is_looked_at() -> None:
    with transaction.atomic(), rows.together():
        first, second = connection.cursor(), connection.cursor()
        first.execute("SELECT 1")
        second.execute("SELECT 2")
        assert first.cursor.statusmessage is None  # it is on its way, and so is the next
        assert second.fetchall() == [(2,)]
        assert first.cursor.statusmessage == "SELECT 1"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by how many rows there are")
def test_no_statement_of_the_hot_path_reads_a_whole_table() -> None:
    user = make_user()
    room = make_room(user)
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
