"""What "export my data" contains: sections that apps declare in their `exports.py`, without accounts knowing them.

    @exported("messages", row=columns("text", "created_at"))
    def messages(user: User) -> QuerySet[Message]:
        return Message.objects.filter(author=user).select_related("room")

A section is a queryset of what is the person's own, in the order of its primary keys, and how one row of it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any, TypeVar

from django.db.models import QuerySet

from accounts.models import User

Row = Mapping[str, Any]
F = TypeVar("F", bound=Callable[[User], QuerySet[Any]])

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes into the archive as it is: its path there, and how to open it to read bytes."""

    name: str
    open: Callable[[], IO[bytes]]


@dataclass(frozen=True, slots=True)
class Section:
    """One declared section: `<name>.json` in the archive, or several files where it is long."""

    name: str
    rows: Callable[[User], QuerySet[Any]]
    row: Callable[[Any], Row]
    attachment: Callable[[Any], Attachment | None]


_sections: dict[str, Section] = {}


def exported(
    name: str,
    *,
    row: Callable[[Any], Row],
    attachment: Callable[[Any], Attachment | None] = lambda row: None,
) -> Callable[[F], F]:
    """Registers `rows(user) -> QuerySet` as a section of every export; `row` gives one row as JSON values and times.

    `attachment` gives the file that belongs to a row, where one does.
    """
    if not _NAME.match(name):
        raise ValueError(f"{name!r} cannot be the name of a file: use lower case letters, digits and _.")

    def register(rows: F) -> F:
        if _sections.setdefault(name, Section(name, rows, row, attachment)).rows is not rows:
            raise ValueError(f"The section {name!r} is registered twice: rename one of them.")
        return rows

    return register


def columns(*names: str) -> Callable[[Any], Row]:
    """A row that is written as these attributes of it."""
    return lambda row: {name: getattr(row, name) for name in names}


def sections() -> list[Section]:
    """All of them, by name."""
    return sorted(_sections.values(), key=lambda one: one.name)
