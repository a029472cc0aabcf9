"""What one person has chosen, as the rules of `deliveries` read it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from notifications.preferences.hours import Digest, Hours


class Frequency(StrEnum):
    """What happens with the notices of a category on a channel. The middle three are for channels with digests."""

    INSTANT = "instant"
    HOURLY = "hourly"
    DAILY = "daily"
    END_OF_DAY = "end_of_day"
    OFF = "off"

    @property
    def digest(self) -> Digest | None:
        return Digest(self.value) if self in _DIGESTS else None


_DIGESTS = frozenset({Frequency.HOURLY, Frequency.DAILY, Frequency.END_OF_DAY})


class Follow(StrEnum):
    """How much of a scope (a room) a person wants to hear."""

    ALL = "all"
    MENTIONS = "mentions"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """What a person has chosen for one scope; until `muted_until` it tells nothing outside the app."""

    follow: Follow = Follow.ALL
    muted_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """`choices` are those of one category, by channel; `scope` is the rule for one scope. What is not there was left
    as it is.
    """

    hours: Hours
    language: str
    muted_until: datetime | None = None
    choices: Mapping[str, Frequency] = field(default_factory=dict)
    scope: ScopeRule = ScopeRule()
