"""Parts for tests of the log and the hub: an event, a stream kind that everybody reads, a way to read the log."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from realtime import stream_kind
from realtime.log.models import Event, Stream


class Happened(Struct, frozen=True):
    """Not registered, so that what is generated from the registry does not depend on the tests that run."""

    event_name: ClassVar[str] = "testing.happened"
    number: int
    by: str = ""


@stream_kind("testing")
def readable(user: Any, keys: Collection[str]) -> set[str]:
    return set(keys)


def logged(stream: str) -> list[tuple[int, dict[str, Any]]]:
    """All numbered events of the stream: number and data."""
    rows = Event.objects.filter(stream=stream, seq__isnull=False).order_by("seq")
    return [(row.seq or 0, msgspec.json.decode(row.data)) for row in rows]


def head(stream: str) -> int:
    row = Stream.objects.filter(name=stream).first()
    return row.head if row else 0


def pending() -> int:
    return Event.objects.filter(seq=None).count()
