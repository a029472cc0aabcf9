"""The rows of a live model together with the cursors from which their events go on: no gap between the two."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import models

from realtime import Cursor, Forbidden, Struct, positions
from realtime.live.declarations import Declaration, declaration_of
from realtime.live.recording import payload_key
from realtime.live.versions import current_versions


class LiveRow(Struct, frozen=True):
    id: int | str
    version: int  # an event of this row with no greater version is already in `data`
    data: dict[str, Any]


class LiveSnapshot(Struct, frozen=True):
    rows: list[LiveRow]
    cursors: dict[str, Cursor]


class LiveModelForbidden(Forbidden):
    message = "You may not read these rows."


def live_snapshot(model: type[models.Model], user: Any, pks: Collection[Any] | None = None) -> LiveSnapshot:
    """The whole model, or the rows `pks` that `user` may read (each with its own stream's cursor).

    Raises LiveModelForbidden when the whole model is asked for and not readable.
    """
    declaration = declaration_of(model)
    if declaration is None:
        raise ValueError(f"{model._meta.label} is not declared live.")
    wanted = None if pks is None else _readable_keys(declaration, user, pks)
    if wanted is None and declaration.readable_by(user, None) is not True:
        raise LiveModelForbidden
    streams = [declaration.stream] if wanted is None else [declaration.row_stream(pk) for pk in wanted]
    # In this order: a position that is too old repeats an event, and a version that is too old lets it
    # through; the other way round an event would be lost.
    cursors = positions(streams)
    versions = current_versions(declaration.label, None if wanted is None else [str(pk) for pk in wanted])
    rows: models.QuerySet[Any] = models.QuerySet(model).order_by("pk")
    if wanted is not None:
        rows = rows.filter(pk__in=wanted)
    return LiveSnapshot(
        rows=[
            LiveRow(
                id=payload_key(row.pk),
                version=versions.get(str(row.pk), 0),
                data=dict(declaration.payload(row)),
            )
            for row in rows
        ],
        cursors=cursors,
    )


def _readable_keys(declaration: Declaration, user: Any, pks: Collection[Any]) -> list[Any]:
    answer = declaration.readable_by(user, set(pks))
    return [] if isinstance(answer, bool) else sorted(set(pks).intersection(answer))
