"""Many rows in one statement, without model instances: for hot paths, where making those costs more than the database.

Plain values in, tuples out. However many rows, they travel as one parameter, a JSON array of arrays, so that the text
of a statement never changes: it is made once, and the database prepares it once. Everything else belongs in querysets.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

from realtime.pipeline import pipeline
from realtime.protocol.codec import encode

# The database's own time, as Django's `Now()`.
_NOW = {"sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW')", "postgresql": "STATEMENT_TIMESTAMP()"}

Row = tuple[Any, ...]


@contextmanager
def atomic() -> Iterator[None]:
    """A transaction, or a savepoint inside one, whose statements leave for PostgreSQL without waiting for each other's
    answers, which cost a round trip each.

    An answer is waited for where it is first looked at. An error may come as late as the commit, which leaves together
    with what was written last. SQLite has no round trips.
    """
    connection = _connection()
    if connection.vendor != "postgresql":
        with transaction.atomic():
            yield
    elif connection.in_atomic_block:
        # What goes wrong has to be known before the savepoint is left, or it takes the whole transaction along.
        with transaction.atomic(), pipeline(connection):
            yield
    else:
        with pipeline(connection), transaction.atomic():
            yield


class Answer(Iterable[Row]):
    """The rows that a statement gives back, fetched at the first look; on SQLite, which has them already, at once."""

    def __init__(self, connection: Any, cursor: Any) -> None:
        self._cursor = cursor
        self._rows: list[Row] | None = None
        if connection.vendor == "sqlite":
            self._fetch()

    def __iter__(self) -> Iterator[Row]:
        return iter(self._fetch() if self._rows is None else self._rows)

    def _fetch(self) -> list[Row]:
        with closing(self._cursor) as cursor:
            self._rows = cursor.fetchall()
        return self._rows


class Lock(Enum):
    """What to do about rows that another transaction holds. SQLite has no row locks: there a writer is alone."""

    NONE = ""
    WAIT = " FOR UPDATE"
    SKIP = " FOR UPDATE SKIP LOCKED"


def select(
    model: type[models.Model],
    columns: tuple[str, ...],
    key: tuple[str, ...],
    among: Collection[Row],
    *,
    only: str = "",
    lock: Lock = Lock.NONE,
) -> Answer:
    """`columns` of the rows whose `key` columns are one of the tuples `among`, in the order of the key.

    `only` is one more condition in SQL. Locks are taken in the order of the key too, so that two who lock the same
    rows never wait for each other.
    """
    connection = _connection()
    sql = _select(connection.vendor, model, columns, key, only, lock)
    return Answer(connection, _execute(connection, sql, [_json(connection, sorted(among))]))


@cache
def _select(
    vendor: str,
    model: type[models.Model],
    columns: tuple[str, ...],
    key: tuple[str, ...],
    only: str,
    lock: Lock,
) -> str:
    """One look into the key's index for each given row, in their order, which is sorted.

    Left to choose, SQLite reads the whole index to spare the sorting, and PostgreSQL the whole table as long as it
    takes that for small: both cost more with every row there is.
    """
    given = _given(vendor, model, key)
    places = ", ".join(f"given.column{place}" for place in range(1, len(key) + 1))
    found = f"{_table(model)} WHERE ({_names(key)}) = ({places}){only and f' AND {only}'}"
    if vendor == "sqlite":
        return f"SELECT {_names(columns)} FROM ({given}) AS given CROSS JOIN {found}"  # noqa: S608  (our own names)
    each = f"SELECT {_names(columns)} FROM {found} OFFSET 0{lock.value}"  # noqa: S608
    return f"SELECT found.* FROM ({given}) AS given CROSS JOIN LATERAL ({each}) AS found"  # noqa: S608


def insert(
    model: type[models.Model], columns: tuple[str, ...], rows: Sequence[Row], *, if_new: bool = False
) -> None:
    """Adds rows with these `columns`; `if_new` leaves out those that a constraint says are there already."""
    if rows:
        connection = _connection()
        sql = _insert(connection.vendor, model, columns, if_new)
        _execute(connection, sql, [_json(connection, rows)]).close()


@cache
def _insert(vendor: str, model: type[models.Model], columns: tuple[str, ...], if_new: bool) -> str:
    given = _given(vendor, model, columns)
    unless = " ON CONFLICT DO NOTHING" if if_new else ""
    return f"INSERT INTO {_table(model)} ({_names(columns)}) {given}{unless}"


def new_ids(model: type[models.Model], count: int) -> Iterable[Row]:
    """`count` primary keys, as `(id,)` and rising, for rows whose ids are needed before they are inserted.

    Nobody else gets them; those that are not used then are never used.
    """
    connection = _connection()
    if connection.vendor == "sqlite":
        return _new_ids_of_sqlite(connection, model._meta.db_table, count)
    key = model._meta.pk
    assert key is not None
    sql = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s::int)"
    return Answer(connection, _execute(connection, sql, [_table(model), key.attname, count]))


def _new_ids_of_sqlite(connection: Any, table: str, count: int) -> list[Row]:
    """Moves the counter of AUTOINCREMENT, which has no row before the table's first."""
    move = "UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq"
    moved = list(Answer(connection, _execute(connection, move, [count, table])))
    if not moved:
        begin = "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)"
        _execute(connection, begin, [table, count]).close()
    last = moved[0][0] if moved else count
    return [(id,) for id in range(last - count + 1, last + 1)]


def set_column(
    model: type[models.Model], column: str, values: Mapping[Any, Any], *, touched: str | None = None
) -> None:
    """Writes one column of many rows, `{primary key: value}`; `touched` is a column that gets the database's time."""
    _set_columns(model, (column,), sorted(values.items()), touched)


def set_columns(model: type[models.Model], columns: tuple[str, ...], values: Mapping[Any, Row]) -> None:
    """Writes these `columns` of many rows, `{primary key: their values}`."""
    _set_columns(model, columns, [(key, *values[key]) for key in sorted(values)], None)


def _set_columns(
    model: type[models.Model], columns: tuple[str, ...], rows: Sequence[Row], touched: str | None
) -> None:
    if rows:
        connection = _connection()
        sql = _update(connection.vendor, model, columns, touched)
        _execute(connection, sql, [_json(connection, rows)]).close()


@cache
def _update(vendor: str, model: type[models.Model], columns: tuple[str, ...], touched: str | None) -> str:
    key = model._meta.pk
    assert key is not None
    changes = [f"{_name(column)} = given.column{place}" for place, column in enumerate(columns, start=2)]
    changes += [f"{_name(touched)} = {_NOW[vendor]}"] if touched else []
    given = _given(vendor, model, (key.attname, *columns))
    return (
        f"UPDATE {_table(model)} SET {', '.join(changes)} FROM ({given}) AS given "  # noqa: S608
        f"WHERE {_table(model)}.{_name(key.attname)} = given.column1"
    )


def _given(vendor: str, model: type[models.Model], columns: tuple[str, ...]) -> str:
    """The rows that were given, with columns named column1, column2 …"""
    if vendor == "sqlite":
        values = (f"value ->> {place} AS column{place + 1}" for place in range(len(columns)))
        # It would take "ON CONFLICT" for part of the FROM, without a WHERE between the two.
        return f"SELECT {', '.join(values)} FROM json_each(%s) WHERE TRUE"  # noqa: S608
    types = [model._meta.get_field(column).db_type(_connection()) for column in columns]
    casts = (f"(one->>{place})::{kind} AS column{place + 1}" for place, kind in enumerate(types))
    # It always holds. Without it PostgreSQL expects a hundred rows, and would read a table of a few thousand whole.
    return f"SELECT {', '.join(casts)} FROM jsonb_array_elements(%s::jsonb) AS one WHERE jsonb_typeof(one) = 'array'"  # noqa: S608


def _json(connection: Any, rows: Sequence[Row]) -> str:
    if connection.vendor == "sqlite" and rows and any(isinstance(value, datetime) for value in rows[0]):
        # Moments are text there, and compared as such: in Django's form and no other.
        adapt = connection.ops.adapt_datetimefield_value
        rows = [
            tuple(adapt(value) if isinstance(value, datetime) else value for value in row) for row in rows
        ]
    return encode(rows).decode()


def _connection() -> Any:
    """Django's wrapper itself: its usual stand-in looks for it at every access."""
    return connections[DEFAULT_DB_ALIAS]


def _execute(connection: Any, sql: str, parameters: Sequence[Any]) -> Any:
    """The driver's own cursor, with Django's errors. On PostgreSQL one whose statements can be prepared.

    Django's writes the parameters into the text, so that PostgreSQL plans every statement anew, and costs a third of
    what SQLite needs for one. It is taken where somebody looks on: statements are logged, or wrapped by a monitor.
    """
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    if connection.queries_logged or connection.execute_wrappers:
        cursor = connection.cursor()
        cursor.execute(sql, parameters)
        return cursor
    with connection.wrap_database_errors:
        if connection.vendor == "sqlite":
            return connection.connection.execute(_with_question_marks(sql), parameters)
        return _server_binding_cursor()(connection.connection).execute(sql, parameters)


@cache
def _with_question_marks(sql: str) -> str:
    return sql.replace("%s", "?").replace("%%", "%")


@cache
def _server_binding_cursor() -> Any:
    from django.db.backends.postgresql.base import ServerBindingCursor  # only where its driver is

    return ServerBindingCursor


def _names(columns: Sequence[str]) -> str:
    return ", ".join(map(_name, columns))


def _table(model: type[models.Model]) -> str:
    return _name(model._meta.db_table)


def _name(column: str) -> str:
    return f'"{column}"'
