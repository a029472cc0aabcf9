"""The three events of a live row. `data` is the declared payload; `version` strictly rises per row."""

from typing import Any

from realtime import Struct, event


@event("live.created")
class LiveCreated(Struct, frozen=True):
    model: str
    id: int | str
    version: int
    data: dict[str, Any]


@event("live.updated")
class LiveUpdated(Struct, frozen=True):
    """`changed` names the keys of `data` that differ from the version before."""

    model: str
    id: int | str
    version: int
    changed: list[str]
    data: dict[str, Any]


@event("live.deleted")
class LiveDeleted(Struct, frozen=True):
    model: str
    id: int | str
    version: int
