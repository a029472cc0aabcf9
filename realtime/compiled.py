"""Queries whose SQL is made once: for hot paths, where Django takes longer to make it than the database to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.db import connections, models

Value = int | str | datetime
Parameter = Value | Iterable[int] | Iterable[str]

_FIRST_MARK = 2_000_000_000  # fits every integer column


class CompiledQuery:
    """Calling it gives what the queryset that `make(*parameters)` builds would: models, or the rows of `values_list`.

    A parameter is a number, a string, a time, or a list of them for `__in`; an empty list finds nothing. `make` is
    called once for each shape of the parameters, with marks in their places. It must only pass them on. Lists are
    filled up to a power of two by repeating, so that a few shapes serve every length.
    """

    def __init__(self, make: Callable[..., models.QuerySet[Any, Any]]) -> None:
        self._make = make
        self._compiled: dict[Any, _Compiled] = {}

    def __call__(self, *parameters: Parameter) -> list[Any]:
        lists = [[one] if isinstance(one, Value) else _filled(one) for one in parameters]
        if not all(lists):
            return []
        shape = tuple(
            None if isinstance(one, Value) else len(values)
            for one, values in zip(parameters, lists, strict=True)
        )
        compiled = self._compiled.get(shape)
        if compiled is None:  # two threads may both make it, and either will do
            compiled = self._compiled[shape] = _Compiled(self._make, shape, lists)
        return compiled.rows(lists)


class _Compiled:
    """The SQL for one shape of parameters (None, or the length of a list)."""

    def __init__(
        self,
        make: Callable[..., models.QuerySet[Any, Any]],
        shape: Sequence[int | None],
        lists: list[list[Any]],
    ) -> None:
        numbers = count(_FIRST_MARK)
        marks = [[_mark_like(value, next(numbers)) for value in values] for values in lists]
        given = [some[0] if length is None else some for some, length in zip(marks, shape, strict=True)]
        queryset = make(*given)
        self._alias = queryset.db
        self._model = queryset.model
        self._names = [field.attname for field in self._model._meta.concrete_fields]
        self._gives_models = queryset.query.default_cols
        self._compiler: Any = queryset.query.get_compiler(using=queryset.db)
        self._sql, bound = self._compiler.as_sql()
        # From now on it only converts values, in any thread: the connection of this one may end.
        self._compiler.connection = connections[queryset.db].copy()
        self._adapted = self._compiler.connection.ops.adapt_datetimefield_value
        places = {self._bound(mark): (at, n) for at, some in enumerate(marks) for n, mark in enumerate(some)}
        # Of which list, and which of its values; or a constant of the query's own.
        self._slots = [places.get(one, one) for one in bound]

    def rows(self, lists: list[list[Any]]) -> list[Any]:
        values = [
            self._bound(lists[one[0]][one[1]]) if isinstance(one, tuple) else one for one in self._slots
        ]
        with connections[self._alias].cursor() as cursor:
            cursor.execute(self._sql, values)
            fetched = cursor.fetchall()
        rows = self._compiler.results_iter([fetched], tuple_expected=True)
        if self._gives_models:
            return [self._model.from_db(self._alias, self._names, row) for row in rows]
        return list(rows)

    def _bound(self, value: Any) -> Any:
        """As Django gives it to the database."""
        return self._adapted(value) if isinstance(value, datetime) else value


def _filled(values: Iterable[Any]) -> list[Any]:
    """As many as the next power of two, the first one repeated."""
    filled = list(values)
    length = 1 << (len(filled) - 1).bit_length() if filled else 0
    return filled + filled[:1] * (length - len(filled))


def _mark_like(value: Value, number: int) -> Value:
    match value:
        case int():
            return number
        case datetime():
            return datetime.fromtimestamp(number, UTC)
        case _:
            return f"mark {number}"
