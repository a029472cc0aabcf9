"""Many rows in one statement, without model instances: for hot paths, where making those costs more than the database.

Plain values in, tuples out. On SQLite they travel as the parameters of a VALUES list; on PostgreSQL, whose driver takes
its time with many parameters, as one JSON array. Everything else belongs in querysets.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from functools import cache
from itertools import chain
from typing import Any

from django.db import connection, models

from realtime.protocol.codec import encode

# SQLite takes 32,766 parameters in one statement.
_MAX_PARAMETERS = 32_000
# The database's own time, as Django's `Now()`.
_NOW = {"sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW')", "postgresql": "STATEMENT_TIMESTAMP()"}

Row = tuple[Any, ...]


@contextmanager
def together() -> Iterator[None]:
    """Statements inside leave for PostgreSQL without waiting for each other's answers, which cost a round trip each.

    An answer is waited for where it is first looked at; an error may come as late as the end of the block. Call it
    inside a transaction. SQLite has no round trips.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


class Answer(Iterable[Row]):
    """The rows of one or several statements, fetched at the first look."""

    def __init__(self) -> None:
        self._cursors: list[Any] = []
        self._rows: list[Row] = []

    def expect(self, cursor: Any) -> None:
        """What this cursor was told to execute belongs to it; on SQLite, which has it already, it is taken now."""
        self._cursors.append(cursor)
        if connection.vendor != "postgresql":
            self._fetch()

    def __iter__(self) -> Iterator[Row]:
        self._fetch()
        return iter(self._rows)

    def _fetch(self) -> None:
        cursors, self._cursors = self._cursors, []
        for cursor in cursors:
            with cursor:
                self._rows += cursor.fetchall()


class Lock(Enum):
    """What to do about rows that another transaction holds. SQLite has no row locks: there a writer is alone."""

    NONE = ""
    WAIT = " FOR UPDATE"
    SKIP = " FOR UPDATE SKIP LOCKED"


def select(
    model: type[models.Model],
    columns: Sequence[str],
    key: Sequence[str],
    among: Collection[Row],
    *,
    only: str = "",
    lock: Lock = Lock.NONE,
) -> Answer:
    """`columns` of the rows whose `key` columns are one of the tuples `among`, in the order of the key.

    `only` is one more condition in SQL. Locks are taken in the order of the key too, so that two who lock the same
    rows never wait for each other.
    """
    condition = f" AND {only}" if only else ""
    locking = lock.value if connection.features.has_select_for_update else ""
    answer = Answer()
    for given, parameters in _given(model, key, sorted(among)):
        cursor = connection.cursor()
        cursor.execute(_looked_up(model, columns, key, given, condition, locking), parameters)
        answer.expect(cursor)
    return answer


def _looked_up(
    model: type[models.Model],
    columns: Sequence[str],
    key: Sequence[str],
    given: str,
    condition: str,
    locking: str,
) -> str:
    """One look into the key's index for each given row, in their order, which is sorted.

    Left to choose, SQLite reads the whole index to spare the sorting, and PostgreSQL the whole table as long as it
    takes that for small: both cost more with every row there is.
    """
    places = ", ".join(f"given.column{place}" for place in range(1, len(key) + 1))
    found = f"{_table(model)} WHERE ({_names(key)}) = ({places}){condition}"
    if connection.vendor == "sqlite":
        return f"SELECT {_names(columns)} FROM ({given}) AS given CROSS JOIN {found}"  # noqa: S608  (our own names)
    each = f"SELECT {_names(columns)} FROM {found} OFFSET 0{locking}"  # noqa: S608
    return f"SELECT found.* FROM ({given}) AS given CROSS JOIN LATERAL ({each}) AS found"  # noqa: S608


def insert(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Row], *, returning: Sequence[str] = ()
) -> Answer:
    """Adds rows with these `columns`; returns the columns `returning` of each, in no certain order."""
    giving_back = f" RETURNING {_names(returning)}" if returning else ""
    answer = Answer()
    for given, parameters in _given(model, columns, rows):
        cursor = connection.cursor()
        cursor.execute(f"INSERT INTO {_table(model)} ({_names(columns)}) {given}{giving_back}", parameters)
        if returning:
            answer.expect(cursor)
        else:
            cursor.close()
    return answer


def set_column(
    model: type[models.Model], column: str, values: Mapping[Any, Any], *, touched: str | None = None
) -> None:
    """Writes one column of many rows, `{primary key: value}`; `touched` is a column that gets the database's time."""
    key = model._meta.pk
    assert key is not None
    change = f"{_name(column)} = given.column2" + (
        f", {_name(touched)} = {_NOW[connection.vendor]}" if touched else ""
    )
    with connection.cursor() as cursor:
        for given, parameters in _given(model, (key.attname, column), sorted(values.items())):
            cursor.execute(
                f"UPDATE {_table(model)} SET {change} FROM ({given}) AS given "  # noqa: S608
                f"WHERE {_table(model)}.{_name(key.attname)} = given.column1",
                parameters,
            )


def _given(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]
) -> Iterator[tuple[str, list[Any]]]:
    """The rows as SQL, with columns named column1, column2 … as both databases name those of VALUES."""
    if connection.vendor == "sqlite":
        yield from _values([model._meta.get_field(column) for column in columns], rows)
    elif rows:
        yield _json_rows(model, tuple(columns)), [encode(rows).decode()]


@cache
def _json_rows(model: type[models.Model], columns: tuple[str, ...]) -> str:
    types = [model._meta.get_field(column).db_type(connection) for column in columns]
    casts = (f"(one->>{place})::{kind} AS column{place + 1}" for place, kind in enumerate(types))
    return f"SELECT {', '.join(casts)} FROM jsonb_array_elements(%s::jsonb) AS one"  # noqa: S608


def _values(fields: Sequence[Any], rows: Sequence[Row]) -> Iterator[tuple[str, list[Any]]]:
    times = [place for place, field in enumerate(fields) if isinstance(field, models.DateTimeField)]
    one = f"({', '.join(['%s'] * len(fields))})"
    size = _MAX_PARAMETERS // len(fields)
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        parameters = list(chain.from_iterable(some))
        for place in times:
            for index in range(place, len(parameters), len(fields)):
                parameters[index] = connection.ops.adapt_datetimefield_value(parameters[index])
        yield f"VALUES {', '.join([one] * len(some))}", parameters


def _names(columns: Sequence[str]) -> str:
    return ", ".join(map(_name, columns))


def _table(model: type[models.Model]) -> str:
    return _name(model._meta.db_table)


def _name(column: str) -> str:
    return f'"{column}"'
