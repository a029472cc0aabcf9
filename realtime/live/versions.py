"""Gives out row versions: one statement for any number of rows, in the transaction that changes them."""

from collections.abc import Iterable, Sequence

from django.apps import apps
from django.db import transaction

_ROWS_PER_STATEMENT = 400  # three parameters each, and SQLite builds with 999 parameters still exist


def next_versions(model: str, keys: Iterable[str]) -> dict[str, int]:
    """The next version of each row of `model`; the rows' versions stay locked until the transaction ends."""
    # Sorted, so that two transactions that change the same rows wait for each other instead of deadlocking.
    ordered = sorted(set(keys))
    versions: dict[str, int] = {}
    for start in range(0, len(ordered), _ROWS_PER_STATEMENT):
        versions |= _raise(model, ordered[start : start + _ROWS_PER_STATEMENT])
    return versions


def current_versions(model: str, keys: Sequence[str] | None = None) -> dict[str, int]:
    """The versions of these rows, or of all; a row that never had an event is missing and counts as 0."""
    rows = apps.get_model("realtime_live", "LiveVersion").objects.filter(model=model)
    if keys is not None:
        rows = rows.filter(object_pk__in=keys)
    return dict(rows.values_list("object_pk", "version"))


def _raise(model: str, keys: Sequence[str]) -> dict[str, int]:
    # Not bulk_create(update_conflicts=True): that can only set the new row's value, not add one to the old.
    values = ", ".join(["(%s, %s, 1)"] * len(keys))
    statement = (
        f"INSERT INTO realtime_live_version (model, object_pk, version) VALUES {values} "  # noqa: S608
        "ON CONFLICT (model, object_pk) DO UPDATE SET version = realtime_live_version.version + 1 "
        "RETURNING object_pk, version"
    )
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(statement, [value for key in keys for value in (model, key)])
        return dict(cursor.fetchall())
