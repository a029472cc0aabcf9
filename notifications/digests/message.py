"""What a digest says, and what a channel needs to send one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Protocol, runtime_checkable

from notifications.channels.base import Address, Outcome
from notifications.types import category_label
from realtime import Struct


class Entry(Struct, frozen=True):
    """One notice. `link` is absolute, or ""."""

    title: str
    text: str
    link: str
    at: datetime


class Section(Struct, frozen=True):
    """What came of one room, or of nowhere (`room` is ""), in one category."""

    room: str
    category: str
    entries: Sequence[Entry]

    @property
    def label(self) -> str:
        """What people call the category, in the language that is active."""
        return category_label(self.category)


class DigestMessage(Struct, frozen=True, kw_only=True):
    """What one person is told over one channel, in their language and zone. `id` is the same at each attempt.

    `count` is how many notices there were; more than are in the sections where those were too many.
    """

    id: str
    language: str
    zone: tzinfo
    count: int
    sections: Sequence[Section]

    @property
    def left_out(self) -> int:
        return self.count - sum(len(section.entries) for section in self.sections)

    @property
    def categories(self) -> list[str]:
        return sorted({section.category for section in self.sections})


@runtime_checkable
class DigestChannel(Protocol):
    """A channel that is registered with `digests=True`."""

    def send_digest(self, address: Address, message: DigestMessage) -> Outcome:
        """One attempt, with a timeout. Raises nothing: what goes wrong is an Outcome."""
        ...
