"""Preferences as clients see them."""

from __future__ import annotations

from datetime import datetime

from realtime import Struct


class QuietHours(Struct, frozen=True, rename={"from_": "from"}):
    """Local times "HH:MM"; over midnight where `until` is the earlier one."""

    from_: str
    until: str


class ChannelPreference(Struct, frozen=True):
    """`frequency` is instant, hourly, daily, end_of_day or off; the middle three on channels with digests."""

    category: str
    channel: str
    frequency: str


class ScopePreference(Struct, frozen=True):
    """`scope` is for example "room:7"; `follow` is all, mentions or nothing."""

    scope: str
    follow: str
    muted_until: datetime | None


class Preferences(Struct, frozen=True):
    """All that one person has chosen; of two states, that with the higher `version` is the newer one.

    `time_zone` and `language` are "" for those of the installation, `zone` is the one that counts; `working_days` are
    ISO weekdays, 1 is Monday.
    """

    version: int
    time_zone: str
    language: str
    quiet_hours: QuietHours | None
    working_days: list[int]
    muted_until: datetime | None
    choices: list[ChannelPreference]
    scopes: list[ScopePreference]
    zone: str = "UTC"


class Default(Struct, frozen=True):
    """What happens on a channel where nothing was chosen."""

    channel: str
    frequency: str


class Category(Struct, frozen=True):
    """`label` is what people call it, in the reader's language; `fixed` says that all it has is critical, so that a
    choice changes nothing.
    """

    name: str
    defaults: list[Default]
    fixed: bool
    label: str = ""


class ChannelInfo(Struct, frozen=True):
    """`digests` says that it can tell many things in one message: hourly, daily, at the end of the day."""

    name: str
    label: str
    digests: bool


class PreferencesPage(Struct, frozen=True):
    """What can be chosen, what happens without a choice, and what was chosen."""

    categories: list[Category]
    channels: list[ChannelInfo]
    default_time_zone: str
    default_language: str
    languages: dict[str, str]
    preferences: Preferences
