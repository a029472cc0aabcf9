"""The bulk methods of a queryset, which send no signals, made visible: same results, plus their events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db import NotSupportedError, connections, models, transaction

from realtime.live.declarations import declarations_for
from realtime.live.recording import ROWS_PER_QUERY, Change, collected


class LiveQuerySet(models.QuerySet[Any]):
    """A queryset whose `update`, `bulk_create`, `bulk_update` and `delete` publish live events."""

    def update(self, **values: Any) -> int:
        """As Django's; locks the rows first, so that exactly those told of are those changed."""
        told = declarations_for(self.model)
        if not told or self.query.is_sliced:
            return super().update(**values)  # a slice: Django's own error
        self._for_write = True
        with transaction.atomic(using=self.db):
            pks = _matching_keys(self)
            changes = [Change(declaration, pks) for declaration in told]
            pks = _still_matching_keys(self, pks)
            changed = sum(models.QuerySet.update(self._rows(chunk), **values) for chunk in _chunks(pks))
            for change in changes:
                change.publish(pks)
        return changed

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """As Django's. With `ignore_conflicts` the rows need primary keys: the database does not name new ones."""
        told = declarations_for(self.model)
        rows = list(objs)
        if not told or not rows:
            return super().bulk_create(rows, *args, **kwargs)
        self._for_write = True
        _refuse_unknown_rows(self.model, rows, ignore_conflicts=_ignores_conflicts(args, kwargs))
        with transaction.atomic(using=self.db):
            known = _existing_keys(self, rows, kwargs.get("unique_fields") or ())
            changes = [Change(declaration, known) for declaration in told]
            created = super().bulk_create(rows, *args, **kwargs)
            for change in changes:
                change.publish([row.pk for row in created])
        return created

    bulk_create.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        """As Django's; cascades included, with one INSERT for all events of a model."""
        with transaction.atomic(using=self.db), collected():
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def _rows(self, pks: Sequence[Any]) -> models.QuerySet[Any]:
        # The filters again only where `update` may refer to their annotations: a subquery on the same table
        # would no longer match in the second chunk.
        base = self if self.query.annotations else models.QuerySet(self.model, using=self.db)
        return base.order_by().filter(pk__in=pks)


LiveManager = models.Manager.from_queryset(LiveQuerySet, class_name="LiveManager")


def _matching_keys(queryset: models.QuerySet[Any]) -> list[Any]:
    matching = queryset.order_by("pk").values_list("pk", flat=True)
    return list(dict.fromkeys(matching))  # a join may name a row twice


def _still_matching_keys(queryset: models.QuerySet[Any], locked: list[Any]) -> list[Any]:
    """Those that still match now that their rows are locked: a conditional update stays a condition.

    Where one writer at a time holds the whole database (SQLite), nothing can have changed.
    """
    if not locked or not connections[queryset.db].features.has_select_for_update:
        return locked
    return _matching_keys(queryset.filter(pk__in=locked))


def _chunks(pks: list[Any]) -> list[list[Any]]:
    """At least one, if empty: so that a wrong field name is refused without rows, too."""
    return [pks[start : start + ROWS_PER_QUERY] for start in range(0, len(pks), ROWS_PER_QUERY)] or [[]]


def _existing_keys(queryset: models.QuerySet[Any], rows: Sequence[Any], unique: Collection[str]) -> list[Any]:
    """Keys of stored rows that an INSERT of `rows` may meet."""
    keys = [row.pk for row in rows if row.pk is not None]
    plain: models.QuerySet[Any] = models.QuerySet(queryset.model, using=queryset.db)
    if unique and "pk" not in unique:
        for start in range(0, len(rows), ROWS_PER_QUERY // 5):
            chunk = rows[start : start + ROWS_PER_QUERY // 5]
            same = reduce(or_, (models.Q(**{name: getattr(row, name) for name in unique}) for row in chunk))
            keys += plain.filter(same).values_list("pk", flat=True)
    return keys


def _ignores_conflicts(args: Sequence[Any], kwargs: dict[str, Any]) -> bool:
    return bool(args[1]) if len(args) > 1 else bool(kwargs.get("ignore_conflicts"))


def _refuse_unknown_rows(model: type[models.Model], rows: Sequence[Any], *, ignore_conflicts: bool) -> None:
    if ignore_conflicts and any(row.pk is None for row in rows):
        raise NotSupportedError(
            f"{model._meta.label} is live: bulk_create(ignore_conflicts=True) needs rows with primary keys, "
            "because the database does not say which rows it made. Set them, or create the rows one by one."
        )
